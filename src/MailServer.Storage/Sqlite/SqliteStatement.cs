using SQLitePCL;

namespace MailServer.Storage.Sqlite;

/// <summary>
/// One prepared statement, kept and used again. Parameters and columns are numbered as in SQLite: from 1 and from 0.
/// A statement that was stepped to a row must be <see cref="Reset"/> before it is used again.
/// </summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    public SqliteStatement Bind(int index, long value)
    {
        raw.sqlite3_bind_int64(handle, index, value);
        return this;
    }

    public SqliteStatement Bind(int index, string? value)
    {
        if (value is null) raw.sqlite3_bind_null(handle, index);
        else raw.sqlite3_bind_text(handle, index, value);
        return this;
    }

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        raw.sqlite3_bind_blob(handle, index, value);
        return this;
    }

    /// <summary>As a blob even when it is empty, where the other binds NULL.</summary>
    public SqliteStatement BindBlob(int index, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) raw.sqlite3_bind_zeroblob(handle, index, 0);
        else raw.sqlite3_bind_blob(handle, index, value);
        return this;
    }

    /// <summary>Binds the value of a column of another statement, whatever its type.</summary>
    public SqliteStatement BindColumn(int index, SqliteStatement row, int column)
    {
        switch (row.TypeOf(column))
        {
            case raw.SQLITE_INTEGER:
                return Bind(index, row.Long(column));
            case raw.SQLITE_FLOAT:
                raw.sqlite3_bind_double(handle, index, row.Double(column));
                return this;
            case raw.SQLITE_TEXT:
                return Bind(index, row.Text(column));
            case raw.SQLITE_BLOB:
                return BindBlob(index, row.Blob(column));
            default:
                return Bind(index, (string?)null);
        }
    }

    /// <summary>True when there is a row.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;
        var failure = database.Failure(code);
        raw.sqlite3_reset(handle);
        throw failure;
    }

    /// <summary>Executes a statement that has no rows, or of which no row is wanted.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    public void Reset() => raw.sqlite3_reset(handle);

    public long Long(int column) => raw.sqlite3_column_int64(handle, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(handle, column).utf8_to_string();

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(handle, column);

    private int TypeOf(int column) => raw.sqlite3_column_type(handle, column);

    private double Double(int column) => raw.sqlite3_column_double(handle, column);

    public void Dispose() => handle.Dispose();
}

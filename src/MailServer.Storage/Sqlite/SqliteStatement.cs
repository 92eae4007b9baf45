using SQLitePCL;

namespace MailServer.Storage.Sqlite;

/// <summary>
/// A prepared statement for repeated use. Parameters are numbered from 1 and columns from 0, as
/// in SQLite. After a step that returned a row, call <see cref="Reset"/> before the next use.
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

    /// <summary>Binds an empty blob as a blob; the other overload would bind NULL.</summary>
    public SqliteStatement BindBlob(int index, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) raw.sqlite3_bind_zeroblob(handle, index, 0);
        else raw.sqlite3_bind_blob(handle, index, value);
        return this;
    }

    /// <summary>Binds a column value of another statement, of any type.</summary>
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

    /// <summary>Returns true if there is a row.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;
        var failure = database.Failure(code);
        raw.sqlite3_reset(handle);
        throw failure;
    }

    /// <summary>Executes a statement and ignores any rows.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    public void Reset() => raw.sqlite3_reset(handle);

    public long Long(int column) => raw.sqlite3_column_int64(handle, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(handle, column).utf8_to_string();

    /// <summary>The span is valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(handle, column);

    private int TypeOf(int column) => raw.sqlite3_column_type(handle, column);

    private double Double(int column) => raw.sqlite3_column_double(handle, column);

    public void Dispose() => handle.Dispose();
}

using MailServer.Storage.Sqlite;
using SQLitePCL;

namespace MailServer.Storage.Collections;

/// <summary>
/// Copies the readable rows of a table from a possibly damaged database, without replacing existing rows of the
/// target. It reads forward to the first damaged page, then backward from the end, and then row by row in between.
/// </summary>
internal sealed class RowSalvager(SqliteDatabase source, SqliteDatabase target, string table)
{
    private const long MostGap = 1_000_000;

    private readonly HashSet<long> _seen = [];

    /// <summary>Copies the rows; returns the number of unreadable rows, as far as it can be determined.</summary>
    public long Run()
    {
        var columns = Columns(target);
        var known = Columns(source);
        // An older snapshot lacks the tables and columns of later versions.
        if (known.Count == 0) return 0;
        var shared = columns.Where(known.Contains).ToList();
        var list = string.Join(", ", shared);
        using var insert = target.PrepareOnce($"INSERT OR IGNORE INTO {table} ({list}) VALUES ({string.Join(", ", shared.Select(static _ => "?"))})");
        if (!HasRowId()) return Pass($"SELECT 0, {list} FROM {table}", insert, shared.Count) ? 0 : 1;
        if (Pass($"SELECT rowid, {list} FROM {table} ORDER BY rowid", insert, shared.Count)) return 0;
        var last = _seen.Count > 0 ? _seen.Max() : 0;
        Pass($"SELECT rowid, {list} FROM {table} WHERE rowid > {last} ORDER BY rowid DESC", insert, shared.Count);
        return FillGap(last, $"SELECT rowid, {list} FROM {table} WHERE rowid = ?", insert, shared.Count);
    }

    private bool HasRowId()
    {
        using var select = target.PrepareOnce("SELECT wr FROM pragma_table_list WHERE name = ?");
        return select.Bind(1, table).Step() && select.Long(0) == 0;
    }

    private List<string> Columns(SqliteDatabase database)
    {
        try
        {
            using var select = database.PrepareOnce("SELECT name FROM pragma_table_info(?)");
            select.Bind(1, table);
            var names = new List<string>();
            while (select.Step()) names.Add(select.Text(0)!);
            return names;
        }
        catch (SqliteNativeException)
        {
            return [];
        }
    }

    /// <summary>Returns true if the query was read to its end.</summary>
    private bool Pass(string query, SqliteStatement insert, int columns)
    {
        try
        {
            using var select = source.PrepareOnce(query);
            while (select.Step()) Add(select, insert, columns);
            return true;
        }
        catch (SqliteNativeException failure) when (IsOfSource(failure))
        {
            return false;
        }
    }

    private long FillGap(long last, string query, SqliteStatement insert, int columns)
    {
        var end = _seen.Where(id => id > last).DefaultIfEmpty(Highest(last)).Min();
        var unreadable = 0L;
        for (var id = last + 1; id < end && id - last < MostGap; id++)
        {
            try
            {
                using var select = source.PrepareOnce(query);
                if (select.Bind(1, id).Step()) Add(select, insert, columns);
            }
            catch (SqliteNativeException failure) when (IsOfSource(failure))
            {
                unreadable++;
            }
        }

        return Math.Max(unreadable, 1);
    }

    private long Highest(long last)
    {
        try
        {
            return Math.Max(last, source.Scalar($"SELECT max(seq) FROM sqlite_sequence WHERE name = 'resources'")) + 1;
        }
        catch (SqliteNativeException)
        {
            return last;
        }
    }

    private void Add(SqliteStatement row, SqliteStatement insert, int columns)
    {
        for (var i = 0; i < columns; i++) insert.BindColumn(i + 1, row, i + 1);
        insert.Run();
        _seen.Add(row.Long(0));
    }

    private static bool IsOfSource(SqliteNativeException failure) => failure.Code is not raw.SQLITE_FULL;
}

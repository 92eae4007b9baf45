using SQLitePCL;

namespace MailServer.Storage.Sqlite;

/// <summary>A thin hand on SQLite's own interface for stores that one thread uses at a time: prepared statements, spans, no allocation on the way.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle)
    {
        _handle = handle;
        raw.sqlite3_extended_result_codes(handle, 1);
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
    }

    /// <summary>A statement found the file damaged.</summary>
    public bool FoundCorrupt { get; private set; }

    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    public static SqliteDatabase Open(string path)
    {
        const int flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (code == raw.SQLITE_OK) return new SqliteDatabase(handle);
        handle.Dispose();
        throw new SqliteFailure(code, $"cannot open {path}");
    }

    /// <summary>Opens a file that must exist, without changing anything in it.</summary>
    public static SqliteDatabase OpenToRead(string path)
    {
        var code = raw.sqlite3_open_v2(path, out var handle, raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_NOMUTEX, null);
        if (code == raw.SQLITE_OK) return new SqliteDatabase(handle);
        handle.Dispose();
        throw new SqliteFailure(code, $"cannot open {path}");
    }

    /// <summary>Opens a file that nobody writes to and that must stay as it is: no lock is taken, no log is read, made or removed beside it.</summary>
    public static SqliteDatabase OpenUnchanging(string path)
    {
        const int flags = raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_URI;
        var name = Uri.EscapeDataString(Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal);
        var code = raw.sqlite3_open_v2($"file:{name}?immutable=1", out var handle, flags, null);
        if (code == raw.SQLITE_OK) return new SqliteDatabase(handle);
        handle.Dispose();
        throw new SqliteFailure(code, $"cannot open {path}");
    }

    /// <summary>SQLite opens a file that allows no writing all the same, and would fail at the first change.</summary>
    public void RequireWritable()
    {
        if (raw.sqlite3_db_readonly(_handle, "main") == 1) throw new SqliteFailure(raw.SQLITE_READONLY, "the file cannot be written");
    }

    /// <summary>Lets nobody but the server's user read a file; one in memory has none.</summary>
    public static void MakePrivate(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path)) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public SqliteStatement Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        if (code != raw.SQLITE_OK) throw Failure(code);
        var prepared = new SqliteStatement(this, statement);
        _statements.Add(prepared);
        return prepared;
    }

    /// <summary>A statement that its caller disposes.</summary>
    public SqliteStatement PrepareOnce(string sql)
    {
        var statement = Prepare(sql);
        _statements.Remove(statement);
        return statement;
    }

    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK) throw Failure(code);
    }

    /// <summary>The first column of the first row of a query that is asked once.</summary>
    public long Scalar(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Step() ? statement.Long(0) : 0;
    }

    /// <summary>Writes the database as it is now into a new file.</summary>
    public void CopyTo(string file)
    {
        using var copy = PrepareOnce("VACUUM INTO ?");
        copy.Bind(1, file).Run();
    }

    /// <summary>The same for a database that others may be using; false when there is none.</summary>
    public static bool TryCopy(string path, string file)
    {
        if (!File.Exists(path)) return false;
        using var database = Open(path);
        database.Execute("PRAGMA busy_timeout = 30000");
        database.CopyTo(file);
        return true;
    }

    /// <summary>What SQLite finds wrong with a file; null when it is sound.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isUnchanging">Nobody writes to it, and nothing beside it may be touched.</param>
    public static string? FindDamage(string path, bool isUnchanging = false)
    {
        try
        {
            using var database = isUnchanging ? OpenUnchanging(path) : OpenToRead(path);
            database.Execute("PRAGMA busy_timeout = 5000");
            return database.FindDamage();
        }
        catch (SqliteFailure failure)
        {
            return failure.Message;
        }
    }

    /// <summary>What a quick check of every page finds wrong; null when the file is sound.</summary>
    public string? FindDamage()
    {
        try
        {
            using var check = PrepareOnce("PRAGMA quick_check(1)");
            return check.Step() && check.Text(0) is var found and not "ok" ? found ?? "no answer" : null;
        }
        catch (SqliteFailure failure) when (failure.IsCorrupt)
        {
            return failure.Message;
        }
    }

    /// <summary>Brings the schema up to date, a transaction a step; <c>PRAGMA user_version</c> holds the number of steps done.</summary>
    /// <exception cref="InvalidDataException">A newer server wrote the file.</exception>
    public void Migrate(string name, IReadOnlyList<string> steps)
    {
        var version = (int)Scalar("PRAGMA user_version");
        if (version > steps.Count)
            throw new InvalidDataException($"{name} has schema version {version}, this server knows {steps.Count}: it was written by a newer server");
        for (; version < steps.Count; version++)
        {
            Begin();
            try
            {
                Execute(steps[version]);
                Execute($"PRAGMA user_version = {version + 1}");
                Commit();
            }
            catch
            {
                Rollback();
                throw;
            }
        }
    }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    /// <summary>Does nothing when SQLite has rolled back by itself, as it does when the disk is full.</summary>
    public void Rollback()
    {
        if (InTransaction) _rollback.Run();
    }

    public SqliteFailure Failure(int code)
    {
        var failure = new SqliteFailure(code, raw.sqlite3_errmsg(_handle).utf8_to_string());
        FoundCorrupt |= failure.IsCorrupt;
        return failure;
    }

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        _handle.Dispose();
    }
}

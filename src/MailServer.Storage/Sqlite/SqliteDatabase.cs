using SQLitePCL;

namespace MailServer.Storage.Sqlite;

/// <summary>A thin wrapper around the SQLite C API: prepared statements and spans without allocations. Not thread-safe.</summary>
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

    /// <summary>True if a statement has found the file damaged.</summary>
    public bool IsCorrupt { get; private set; }

    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    public static SqliteDatabase Open(string path)
    {
        const int flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (code == raw.SQLITE_OK) return new SqliteDatabase(handle);
        handle.Dispose();
        throw new SqliteNativeException(code, $"cannot open {path}");
    }

    /// <summary>Opens an existing file read-only.</summary>
    public static SqliteDatabase OpenReadOnly(string path)
    {
        var code = raw.sqlite3_open_v2(path, out var handle, raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_NOMUTEX, null);
        if (code == raw.SQLITE_OK) return new SqliteDatabase(handle);
        handle.Dispose();
        throw new SqliteNativeException(code, $"cannot open {path}");
    }

    /// <summary>Opens a file that is not being written and must not be modified: without locks, and without reading, creating or removing a log beside it.</summary>
    public static SqliteDatabase OpenImmutable(string path)
    {
        const int flags = raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_URI;
        var name = Uri.EscapeDataString(Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal);
        var code = raw.sqlite3_open_v2($"file:{name}?immutable=1", out var handle, flags, null);
        if (code == raw.SQLITE_OK) return new SqliteDatabase(handle);
        handle.Dispose();
        throw new SqliteNativeException(code, $"cannot open {path}");
    }

    /// <summary>Throws if the file is read-only: SQLite opens such a file without error and fails at the first change.</summary>
    public void RequireWritable()
    {
        if (raw.sqlite3_db_readonly(_handle, "main") == 1) throw new SqliteNativeException(raw.SQLITE_READONLY, "the file cannot be written");
    }

    /// <summary>Makes a file accessible only to the server's user; does nothing for a database in memory.</summary>
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

    /// <summary>Prepares a statement that the caller disposes.</summary>
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

    /// <summary>Runs a query once and returns the first column of its first row.</summary>
    public long Scalar(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Step() ? statement.Long(0) : 0;
    }

    /// <summary>Writes a copy of the database to a new file.</summary>
    public void CopyTo(string file)
    {
        using var copy = PrepareOnce("VACUUM INTO ?");
        copy.Bind(1, file).Run();
    }

    /// <summary>Copies a database that may be in use; returns false if it does not exist.</summary>
    public static bool TryCopy(string path, string file)
    {
        if (!File.Exists(path)) return false;
        using var database = Open(path);
        database.Execute("PRAGMA busy_timeout = 30000");
        database.CopyTo(file);
        return true;
    }

    /// <summary>Checks a file; returns null if it is intact.</summary>
    /// <exception cref="SqliteNativeException">It cannot be read at the moment, which says nothing about its content.</exception>
    /// <param name="path">The database file.</param>
    /// <param name="isUnchanging">True if the file is not being written and nothing beside it may be modified.</param>
    public static string? FindDamage(string path, bool isUnchanging = false)
    {
        try
        {
            using var database = isUnchanging ? OpenImmutable(path) : OpenReadOnly(path);
            database.Execute("PRAGMA busy_timeout = 5000");
            return database.FindDamage();
        }
        catch (SqliteNativeException failure) when (failure.IsCorrupt)
        {
            return failure.Message;
        }
    }

    /// <summary>Runs a quick check of all pages; returns null if the database is intact.</summary>
    public string? FindDamage()
    {
        try
        {
            using var check = PrepareOnce("PRAGMA quick_check(1)");
            return check.Step() && check.Text(0) is var found and not "ok" ? found ?? "no answer" : null;
        }
        catch (SqliteNativeException failure) when (failure.IsCorrupt)
        {
            return failure.Message;
        }
    }

    /// <summary>Applies missing migrations, each in its own transaction; <c>PRAGMA user_version</c> contains the number applied.</summary>
    /// <exception cref="InvalidDataException">The file was written by a newer server.</exception>
    public void Migrate(string name, IReadOnlyList<string> steps)
    {
        var version = (int)Scalar("PRAGMA user_version");
        if (version > steps.Count)
            throw new InvalidDataException($"{name} has schema version {version}, but this server supports only {steps.Count}: it was written by a newer server");
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

    /// <summary>Leaves the write-ahead log to the next opening, so that closing neither copies nor flushes anything.</summary>
    public void KeepLogOnClose() => raw.sqlite3_db_config(_handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    /// <summary>Does nothing if SQLite has already rolled back, as it does when the disk is full.</summary>
    public void Rollback()
    {
        if (InTransaction) _rollback.Run();
    }

    public SqliteNativeException Failure(int code)
    {
        var failure = new SqliteNativeException(code, raw.sqlite3_errmsg(_handle).utf8_to_string());
        IsCorrupt |= failure.IsCorrupt;
        return failure;
    }

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        _handle.Dispose();
    }
}

using System.Globalization;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Journal;

/// <summary>
/// The file of the queue journal. <see cref="JournalDatabase"/> opens it by connection string; this class creates, checks and
/// replaces it. An unreadable file is renamed and never deleted: the spool contains what is needed to continue without it.
/// </summary>
/// <param name="path">Path of <c>journal.db</c>.</param>
/// <param name="spool">The spool directory, which records the journal that was used with it.</param>
/// <param name="canRead">Returns whether an event or snapshot (manifest and payload) can be deserialised.</param>
/// <param name="time">Time source for the names of files that are set aside.</param>
public sealed class JournalFile(string path, string spool, Func<string, byte[], bool> canRead, TimeProvider time) : IDisposable
{
    /// <summary>How long a connection waits for another one.</summary>
    public static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(30);

    private const string StateName = ".journal";
    private static readonly string[] Companions = ["-wal", "-shm"];
    private static readonly (string Table, string Payload)[] Contents = [("journal", "message"), ("snapshot", "snapshot")];

    private FileStat? _opened;
    private SqliteDatabase? _keptOpen;
    private bool _isAdopted;

    public string Path { get; } = path;

    private string StatePath => System.IO.Path.Combine(spool, StateName);

    /// <summary>
    /// Returns the connection string for <see cref="JournalDatabase.InFile"/>. Connections wait for each other; with SQLite's default of a flush per commit, acknowledged events
    /// survive a power cut. They are not pooled: the pool can lend one connection to two callers that open it at the same time (dotnet/efcore #39008).
    /// </summary>
    public static string ConnectionTo(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = (int)BusyTimeout.TotalSeconds, Pooling = false }.ToString();

    /// <summary>Creates the file if it is missing, and sets an unreadable one aside. Blocks on the disk.</summary>
    /// <param name="isAgain">The file was open before and is damaged or another one: it may lack events.</param>
    public JournalOpenResult Open(bool isAgain = false)
    {
        try
        {
            Close();
            var (fault, aside) = SetUnreadableAside();
            var isNew = !File.Exists(Path) || new FileInfo(Path).Length == 0;
            var condition = Stamp(isNew);
            _isAdopted = condition != JournalCondition.Replaced;
            CreateTables();
            if (isAgain && condition == JournalCondition.Continued) condition = JournalCondition.Replaced;
            _opened = FileStat.Find(Path);
            KeepOpen();
            return new JournalOpenResult(condition, fault, aside);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new JournalOpenResult(JournalCondition.Unusable, e.Message);
        }
    }

    /// <summary>Checks the open file completely; returns null if it is intact.</summary>
    public string? FindFault()
    {
        if (IsReplaced()) return "was removed or replaced while the server was running";
        if (FindDamage() is { } damage) return $"is damaged ({damage})";
        return HasTables() ? null : "is empty";
    }

    /// <summary>True if the path no longer refers to the file that was opened.</summary>
    public bool IsReplaced() => _opened is { } opened && FileStat.Find(Path)?.Identity != opened.Identity;

    /// <summary>Records that a replaced journal has been reconciled with the spool and now belongs to it.</summary>
    public void MarkAdopted()
    {
        using var database = Connect();
        Number(database, Random.Shared.Next(1, int.MaxValue), 1);
        _isAdopted = true;
    }

    /// <summary>Closes the file. A copy that was made before is then recognised as an older one.</summary>
    public void Dispose()
    {
        TryStampEnd();
        Close();
    }

    /// <summary>Keeps a connection open: when the last one closes, SQLite writes the whole log to the file and deletes it, which would happen after each commit.</summary>
    private void KeepOpen()
    {
        _keptOpen = Connect();
        // SQLite opens the log at the first read.
        _keptOpen.Scalar("PRAGMA user_version");
    }

    private SqliteDatabase Connect()
    {
        var database = SqliteDatabase.Open(Path);
        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {BusyTimeout.TotalMilliseconds}"));
        return database;
    }

    private void Close()
    {
        _keptOpen?.Dispose();
        _keptOpen = null;
    }

    /// <summary>Renames a file or directory at the path that is not a readable journal.</summary>
    private (string? Fault, string? Aside) SetUnreadableAside()
    {
        if (System.IO.Directory.Exists(Path)) return ("is a directory", MoveAside("unusable"));
        if (!File.Exists(Path) || new FileInfo(Path).Length == 0)
        {
            // SQLite would delete the write-ahead log of a missing file.
            var hasLog = new FileInfo(Path + "-wal") is { Exists: true, Length: > 0 };
            return hasLog ? ("is missing or empty, but its write-ahead log is not", MoveAside("incomplete")) : (null, null);
        }

        TryMakePrivate();
        return FindDamage() is { } damage ? ($"is damaged ({damage})", MoveAside("damaged")) : (null, null);
    }

    private string MoveAside(string why) => FileQuarantine.Move(Path, why, time.GetUtcNow(), Companions);

    /// <summary>Records the number of starts and ends in the journal and in the spool directory, so that an older copy can be recognised later.</summary>
    private JournalCondition Stamp(bool isNew)
    {
        using var database = Connect();
        database.Execute("PRAGMA journal_mode = WAL");
        var known = StateFile.TryReadLines(StatePath) is [var idLine, var startsLine, ..] && TryNumber(idLine, out var knownId) && TryNumber(startsLine, out var knownStarts)
            ? (Id: knownId, Starts: knownStarts)
            : ((long Id, long Starts)?)null;
        var (id, starts) = (database.Scalar("PRAGMA application_id"), database.Scalar("PRAGMA user_version"));
        var isSame = known is null || (id == known.Value.Id && starts >= known.Value.Starts);
        // Written even if unchanged, to find out now whether the file is writable.
        if (!isNew && !isSame)
        {
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {starts}"));
            return JournalCondition.Replaced;
        }

        Number(database, isSame && id != 0 ? id : Random.Shared.Next(1, int.MaxValue), Math.Max(starts, known?.Starts ?? 0) + 1);
        return isNew ? JournalCondition.New : JournalCondition.Continued;
    }

    private void TryStampEnd()
    {
        if (_opened is null || !_isAdopted || IsReplaced()) return;
        try
        {
            using var database = Connect();
            Number(database, database.Scalar("PRAGMA application_id"), database.Scalar("PRAGMA user_version") + 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteNativeException)
        {
            // The copy is then not recognised, and the queue compares it with the spool only.
        }
    }

    private void Number(SqliteDatabase database, long id, long starts)
    {
        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {id}; PRAGMA user_version = {starts}"));
        StateFile.Replace(StatePath, [id.ToString(CultureInfo.InvariantCulture), starts.ToString(CultureInfo.InvariantCulture)], sync: true);
        TryMakePrivate();
    }

    private bool HasTables()
    {
        using var database = Connect();
        return Contents.All(content => HasTable(database, content.Table));
    }

    private static bool HasTable(SqliteDatabase database, string table) => database.Scalar($"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{table}'") != 0;

    private void CreateTables()
    {
        using var database = Connect();
        database.Execute(JournalTables.File);
    }

    /// <summary>Returns null if SQLite finds no damage and every event can be read. Failures that say nothing about the content are thrown.</summary>
    private string? FindDamage()
    {
        try
        {
            using var database = Connect();
            using var check = database.PrepareOnce("PRAGMA quick_check(1)");
            if (check.Step() && check.Text(0) is var found and not "ok") return found;
            foreach (var (table, payload) in Contents)
                if (FindUnreadable(database, table, payload) is { } unreadable) return unreadable;
            return null;
        }
        catch (SqliteNativeException failure) when (failure.IsCorrupt)
        {
            return failure.Message;
        }
    }

    private string? FindUnreadable(SqliteDatabase database, string table, string payload)
    {
        if (!HasTable(database, table)) return null;
        using var rows = database.PrepareOnce($"SELECT manifest, {payload} FROM \"{table}\"");
        while (rows.Step())
            if (!canRead(rows.Text(0) ?? "", rows.Blob(1).ToArray())) return $"an entry of its table '{table}' cannot be read";
        return null;
    }

    private void TryMakePrivate()
    {
        if (OperatingSystem.IsWindows()) return;
        try
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (UnauthorizedAccessException)
        {
            // The file belongs to another user; whether it is writable is found out when it is written.
        }
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

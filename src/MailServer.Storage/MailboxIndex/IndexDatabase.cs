using System.Diagnostics;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;
using MailServer.Storage.Health;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// An open <c>index.db</c>: its tables, transactions and flushes. Commits are not flushed individually: <see cref="Flush"/> flushes
/// all commits so far. The <c>clean</c> flag records whether the next opening must compare index and files.
/// </summary>
internal sealed class IndexDatabase : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly string _path;
    private readonly TimeProvider _time;
    private bool _marked;

    private IndexDatabase(SqliteDatabase database, string path, TimeProvider time)
    {
        _database = database;
        _path = path;
        _time = time;
        WasClean = database.Scalar("SELECT value FROM state WHERE name = 'clean'") == 1;
        _marked = !WasClean;
        Folders = new FolderRecords(database);
        Messages = new MessageRecords(database);
        Expunged = new ExpungedRecords(database);
        Cache = new SummaryCache(database);
        Marks = new MarkRecords(database);
    }

    /// <summary>Path of the file after it was found damaged, closed and set aside; null otherwise.</summary>
    public string? SetAside { get; private set; }

    /// <summary>True if a statement has found the file damaged.</summary>
    public bool IsDamaged => _database.IsCorrupt;

    /// <summary>The damaged file that this one replaces, and what was wrong with it; null otherwise.</summary>
    public (string? File, string Reason)? Replaced { get; private init; }

    /// <summary>True if something was written since the file was opened or last marked clean.</summary>
    public bool IsMarkedUnclean => _marked;

    /// <summary>True if a commit that must be durable has not been flushed.</summary>
    public bool HasUnflushedCommits { get; private set; }

    /// <summary>True if the file was closed properly before this opening.</summary>
    public bool WasClean { get; }

    public FolderRecords Folders { get; }

    public MessageRecords Messages { get; }

    public ExpungedRecords Expunged { get; }

    public SummaryCache Cache { get; }

    public MarkRecords Marks { get; }

    /// <summary>Opens the index; creates an empty one if it is missing or unreadable (an unreadable file is set aside).</summary>
    public static IndexDatabase Open(string path, TimeProvider time)
    {
        try
        {
            // SQLite would treat an empty file as a new database.
            if (new FileInfo(path) is { Exists: true, Length: 0 }) return OpenExisting(path, time, (DamagedFile.SetAside(path, time), "the file is empty"));
            return OpenExisting(path, time);
        }
        catch (SqliteNativeException failure) when (failure.IsLocked)
        {
            throw new StoreInUseException($"{path} is open in another process", failure);
        }
        catch (SqliteNativeException failure) when (failure.IsCorrupt)
        {
            return OpenExisting(path, time, (DamagedFile.SetAside(path, time), failure.Message));
        }
    }

    /// <summary>The key of a message in all tables: the messages of a folder are one range.</summary>
    public static long Key(FolderId folder, uint uid) => (folder.Value << 32) | uid;

    /// <summary>A number that this index has from its first use for texts on, and no other: another file that refers to its keys belongs to it.</summary>
    public long Identity()
    {
        var known = _database.Scalar("SELECT value FROM state WHERE name = 'identity'");
        if (known != 0) return known;
        known = Random.Shared.NextInt64(1, long.MaxValue);
        Write(() => _database.Execute(FormattableString.Invariant($"INSERT INTO state VALUES ('identity', {known})")), lasting: false);
        return known;
    }

    /// <summary>Leaves marks until they expire, and removes those that have expired or are too many.</summary>
    public void AddMarks(IReadOnlyList<(string Key, DateTimeOffset Expires)> marks, DateTimeOffset now, int most) => Write(() =>
    {
        foreach (var (key, expires) in marks) Marks.Add(key, expires);
        Marks.Prune(now, most);
    });

    /// <summary>Runs <paramref name="work"/> in one transaction.</summary>
    /// <param name="work">Executes the statements.</param>
    /// <param name="lasting">False if a power cut may undo the changes because they can be derived again from the files.</param>
    public void Write(Action work, bool lasting = true)
    {
        Begin();
        try
        {
            work();
            Commit(lasting);
        }
        catch
        {
            Rollback();
            throw;
        }
    }

    public void Begin()
    {
        if (!_marked)
        {
            // The flag is cleared durably first: an index marked clean must never coexist with later changes of the files.
            Flushed("UPDATE state SET value = 0 WHERE name = 'clean'");
            _marked = true;
        }

        _database.Begin();
    }

    public void Commit(bool lasting)
    {
        _database.Commit();
        HasUnflushedCommits |= lasting;
    }

    /// <summary>Flushes all commits so far to the disk, with a single flush.</summary>
    public void Flush()
    {
        if (!HasUnflushedCommits) return;
        // Only a commit that writes flushes the log, and SQLite skips writing an unchanged value.
        var startedAt = Stopwatch.GetTimestamp();
        Flushed("INSERT INTO state VALUES ('secured', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1");
        HasUnflushedCommits = false;
        ServerMetrics.RecordFlush("index", startedAt);
    }

    public void Rollback() => _database.Rollback();

    /// <summary>Removes a message and records the removal.</summary>
    public void Expunge(FolderId folder, uint uid, long modSeq)
    {
        var key = Key(folder, uid);
        Expunged.Add(key, modSeq);
        Messages.Remove(key);
        Cache.Remove(key);
    }

    /// <summary>Removes a folder with everything that the index has about it.</summary>
    public void RemoveFolder(FolderId folder)
    {
        long first = Key(folder, 0), last = Key(folder, uint.MaxValue);
        foreach (var table in new[] { "messages", "message_cache", "expunged" })
            _database.Execute($"DELETE FROM {table} WHERE key BETWEEN {first} AND {last}");
        _database.Execute($"DELETE FROM folders WHERE id = {folder.Value}");
    }

    /// <summary>Marks the index as clean. Must be called only when all file names match, so that the next opening can trust the index.</summary>
    public void MarkClean()
    {
        if (!_marked) return;
        _database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        _database.Execute("UPDATE state SET value = 1 WHERE name = 'clean'");
        (_marked, HasUnflushedCommits) = (false, false);
    }

    public void Dispose()
    {
        var corrupt = _database.IsCorrupt;
        _database.Dispose();
        if (corrupt) SetAside = DamagedFile.SetAside(_path, _time);
    }

    private static IndexDatabase OpenExisting(string path, TimeProvider time, (string? File, string Reason)? replaced = null)
    {
        var database = SqliteDatabase.Open(path);
        try
        {
            // Exclusive locking without shared memory: no other process can even read.
            database.Execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000");
            database.Execute("PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY");
            database.Execute("BEGIN IMMEDIATE; COMMIT");
            IndexSchema.Migrate(database);
            return new IndexDatabase(database, path, time) { Replaced = replaced };
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs a statement with a flushed commit, which also flushes all earlier commits.</summary>
    private void Flushed(string statement)
    {
        _database.Execute("PRAGMA synchronous = FULL");
        try
        {
            _database.Execute(statement);
        }
        finally
        {
            _database.Execute("PRAGMA synchronous = NORMAL");
        }
    }
}

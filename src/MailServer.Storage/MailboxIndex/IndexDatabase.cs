using System.Diagnostics;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;
using MailServer.Storage.Health;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The statements of an open <c>index.db</c>. Commits are not flushed individually: <see cref="Flush"/> flushes
/// all commits so far. The <c>clean</c> flag records whether the next opening must compare index and files.
/// </summary>
internal sealed class IndexDatabase : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly string _path;
    private readonly SqliteStatement _insertMessage;
    private readonly SqliteStatement _updateFlags;
    private readonly SqliteStatement _updateNamed;
    private readonly SqliteStatement _updateModSeqs;
    private readonly SqliteStatement _updateSentDay;
    private readonly SqliteStatement _deleteMessage;
    private readonly SqliteStatement _findBase;
    private readonly SqliteStatement _selectBase;
    private readonly SqliteStatement _selectBases;
    private readonly SqliteStatement _insertExpunged;
    private readonly SqliteStatement _selectExpunged;
    private readonly SqliteStatement _selectRemovals;
    private readonly SqliteStatement _saveFolder;
    private readonly SqliteStatement _selectMessages;
    private readonly SqliteStatement _countMessages;
    private readonly TimeProvider _time;
    private bool _marked;

    private IndexDatabase(SqliteDatabase database, string path, TimeProvider time)
    {
        _database = database;
        _path = path;
        _time = time;
        WasClean = database.Scalar("SELECT value FROM state WHERE name = 'clean'") == 1;
        _marked = !WasClean;
        Cache = new SummaryCache(database);
        _insertMessage = database.Prepare("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)");
        _updateFlags = database.Prepare("UPDATE messages SET flags = ?, keywords = ?, modseq = ?, named = ? WHERE key = ?");
        _updateNamed = database.Prepare("UPDATE messages SET named = ? WHERE key = ?");
        _updateModSeqs = database.Prepare("UPDATE messages SET modseq = ? WHERE key BETWEEN ? AND ?");
        _updateSentDay = database.Prepare("UPDATE messages SET sent_day = ? WHERE key = ?");
        _deleteMessage = database.Prepare("DELETE FROM messages WHERE key = ?");
        _findBase = database.Prepare("SELECT key FROM messages WHERE base = ? AND key BETWEEN ? AND ?");
        _selectBase = database.Prepare("SELECT base FROM messages WHERE key = ?");
        _selectBases = database.Prepare("SELECT base FROM messages WHERE key BETWEEN ? AND ? ORDER BY key");
        _insertExpunged = database.Prepare("INSERT OR REPLACE INTO expunged SELECT key, ?, base FROM messages WHERE key = ?");
        _selectExpunged = database.Prepare("SELECT 1 FROM expunged WHERE key = ? AND base = ?");
        _selectRemovals = database.Prepare("SELECT key FROM expunged WHERE key BETWEEN ? AND ? AND modseq > ? ORDER BY key");
        _selectMessages = database.Prepare(
            "SELECT key, flags, modseq, date, zone, size, sent_day, keywords, named FROM messages WHERE key BETWEEN ? AND ? ORDER BY key");
        _countMessages = database.Prepare("SELECT count(*) FROM messages WHERE key BETWEEN ? AND ?");
        _saveFolder = database.Prepare("INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
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

    public SummaryCache Cache { get; }

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

    public static long Key(FolderId folder, uint uid) => (folder.Value << 32) | uid;

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

    public void Insert(FolderId folder, uint uid, in MessageEntry entry, long saved, string baseName) => _insertMessage
        .Bind(1, Key(folder, uid)).Bind(2, (long)entry.System).Bind(3, entry.ModSeq).Bind(4, entry.Date).Bind(5, entry.Zone)
        .Bind(6, entry.Size).Bind(7, entry.SentDay).Bind(8, saved).Bind(9, KeywordText(entry.Keywords)).Bind(10, baseName).Run();

    /// <param name="folder">The folder of the message.</param>
    /// <param name="uid">The message.</param>
    /// <param name="flags">The new flags.</param>
    /// <param name="modSeq">The mod-sequence of the change.</param>
    /// <param name="named">The letters in the file name if they do not match the flags; otherwise null.</param>
    public void UpdateFlags(FolderId folder, uint uid, MessageFlags flags, long modSeq, string? named) => _updateFlags
        .Bind(1, (long)flags.System).Bind(2, KeywordText(flags.Keywords)).Bind(3, modSeq).Bind(4, named).Bind(5, Key(folder, uid)).Run();

    /// <summary>Stores the letters in the file name; null if they match the flags.</summary>
    public void UpdateNamed(FolderId folder, uint uid, string? named) => _updateNamed.Bind(1, named).Bind(2, Key(folder, uid)).Run();

    /// <summary>Assigns the same mod-sequence to every message of a folder.</summary>
    public void UpdateModSeqs(FolderId folder, long modSeq) =>
        _updateModSeqs.Bind(1, modSeq).Bind(2, Key(folder, 0)).Bind(3, Key(folder, uint.MaxValue)).Run();

    public void UpdateSentDay(FolderId folder, uint uid, int day) => _updateSentDay.Bind(1, day).Bind(2, Key(folder, uid)).Run();

    /// <summary>Removes a message and records the removal.</summary>
    public void Expunge(FolderId folder, uint uid, long modSeq)
    {
        var key = Key(folder, uid);
        _insertExpunged.Bind(1, modSeq).Bind(2, key).Run();
        _deleteMessage.Bind(1, key).Run();
        Cache.Remove(key);
    }

    /// <summary>True if the removal of this message is recorded, so that its file is a leftover and not new mail.</summary>
    public bool WasExpunged(FolderId folder, uint uid, string baseName)
    {
        var found = _selectExpunged.Bind(1, Key(folder, uid)).Bind(2, baseName).Step();
        _selectExpunged.Reset();
        return found;
    }

    /// <summary>Finds the UID of a message by its base name; null if it is not in the folder.</summary>
    public uint? FindBase(FolderId folder, string baseName)
    {
        _findBase.Bind(1, baseName).Bind(2, Key(folder, 0)).Bind(3, Key(folder, uint.MaxValue));
        uint? uid = _findBase.Step() ? (uint)_findBase.Long(0) : null;
        _findBase.Reset();
        return uid;
    }

    public string? BaseOf(FolderId folder, uint uid)
    {
        var name = _selectBase.Bind(1, Key(folder, uid)).Step() ? _selectBase.Text(0) : null;
        _selectBase.Reset();
        return name;
    }

    /// <summary>Returns the base names of all messages of a folder, ordered by UID.</summary>
    public string[] BasesOf(FolderId folder, int count)
    {
        var names = new string[count];
        _selectBases.Bind(1, Key(folder, 0)).Bind(2, Key(folder, uint.MaxValue));
        for (var i = 0; i < count && _selectBases.Step(); i++) names[i] = _selectBases.Text(0)!;
        _selectBases.Reset();
        return names;
    }

    /// <summary>Loads all messages of a folder and their keywords; adds the letters of outdated file names to <paramref name="named"/>.</summary>
    public (MessageTable Messages, KeywordSet Keywords) Load(FolderId folder, int expected, Dictionary<uint, string> named)
    {
        var select = _selectMessages.Bind(1, Key(folder, 0)).Bind(2, Key(folder, uint.MaxValue));
        var uids = new uint[expected + 16];
        var entries = new MessageEntry[expected + 16];
        var keywords = new KeywordPool();
        var count = 0;
        for (; select.Step(); count++)
        {
            if (count == uids.Length)
            {
                Array.Resize(ref uids, count * 2);
                Array.Resize(ref entries, count * 2);
            }

            uids[count] = (uint)select.Long(0);
            entries[count] = Entry(select, keywords);
            if (!select.IsNull(8)) named.TryAdd(uids[count], select.Text(8)!);
        }

        select.Reset();
        Array.Resize(ref uids, count);
        return (new MessageTable(UidList.TakeOwnership(uids), entries), keywords.All);
    }

    /// <summary>Loads the folders recorded in the index: name, the part of the state that is kept here, and counters.</summary>
    public List<(FolderName Name, Maildir.FolderState State, FolderRow Row)> LoadFolders()
    {
        using var select = _database.Prepare("SELECT * FROM folders");
        var folders = new List<(FolderName, Maildir.FolderState, FolderRow)>();
        while (select.Step())
        {
            var row = new FolderRow
            {
                UidNext = (uint)select.Long(4),
                ModSeq = select.Long(5),
                // Older versions write 0: which removals they have forgotten is not known.
                HistoryFrom = select.Long(7) is > 0 and var from ? from : select.Long(5),
                RecentFrom = (uint)select.Long(6),
                Messages = (int)select.Long(8),
                Unseen = (int)select.Long(9),
                Deleted = (int)select.Long(10),
                Size = select.Long(11),
                DirectoryTime = select.Long(12),
            };
            var state = new Maildir.FolderState
            {
                Id = new FolderId(select.Long(0)),
                UidValidity = new UidValidity((uint)select.Long(2)),
                Role = (FolderRole)select.Long(3),
                UidNext = row.UidNext,
                ModSeq = row.ModSeq,
            };
            if (FolderName.TryParse(select.Text(1), out var name)) folders.Add((name, state, row));
        }

        return folders;
    }

    public void SaveFolder(Folder folder, in FolderRow row) => _saveFolder
        .Bind(1, folder.Id.Value).Bind(2, folder.Name.Value).Bind(3, folder.UidValidity.Value).Bind(4, (long)folder.State.Role)
        .Bind(5, row.UidNext).Bind(6, row.ModSeq).Bind(7, row.RecentFrom).Bind(8, row.HistoryFrom)
        .Bind(9, row.Messages).Bind(10, row.Unseen).Bind(11, row.Deleted).Bind(12, row.Size).Bind(13, row.DirectoryTime).Run();

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

    /// <summary>Counts the messages with this UID or a higher one.</summary>
    public int CountFrom(FolderId folder, uint uid)
    {
        _countMessages.Bind(1, Key(folder, uid)).Bind(2, Key(folder, uint.MaxValue)).Step();
        var count = (int)_countMessages.Long(0);
        _countMessages.Reset();
        return count;
    }

    /// <summary>Returns the total size of the messages with <c>\Deleted</c>.</summary>
    public long DeletedSize(FolderId folder) => _database.Scalar(
        $"SELECT sum(size) FROM messages WHERE key BETWEEN {Key(folder, 0)} AND {Key(folder, uint.MaxValue)} AND flags & {(int)SystemFlags.Deleted}");

    /// <summary>Returns the UIDs of the messages that were removed after a mod-sequence, ascending.</summary>
    public uint[] RemovedSince(FolderId folder, long modSeq)
    {
        var uids = new List<uint>();
        _selectRemovals.Bind(1, Key(folder, 0)).Bind(2, Key(folder, uint.MaxValue)).Bind(3, modSeq);
        while (_selectRemovals.Step()) uids.Add((uint)_selectRemovals.Long(0));
        _selectRemovals.Reset();
        return [.. uids];
    }

    /// <summary>Removes the oldest records of removals beyond <paramref name="keep"/>; returns the highest mod-sequence among them, 0 if there are none.</summary>
    public long PruneExpunged(FolderId folder, int keep)
    {
        var range = $"key BETWEEN {Key(folder, 0)} AND {Key(folder, uint.MaxValue)}";
        var last = _database.Scalar($"SELECT coalesce((SELECT modseq FROM expunged WHERE {range} ORDER BY modseq DESC LIMIT 1 OFFSET {keep}), 0)");
        if (last > 0) _database.Execute($"DELETE FROM expunged WHERE {range} AND modseq <= {last}");
        return last;
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

    private static MessageEntry Entry(SqliteStatement select, KeywordPool keywords) => new()
    {
        System = (SystemFlags)select.Long(1),
        ModSeq = select.Long(2),
        Date = select.Long(3),
        Zone = (short)select.Long(4),
        Size = select.Long(5),
        SentDay = (int)select.Long(6),
        Keywords = select.IsNull(7) ? KeywordSet.Empty : keywords.Get(select.Text(7)!),
    };

    private static string? KeywordText(KeywordSet keywords) => keywords.Count == 0 ? null : keywords.ToString();

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

    /// <summary>Shares one keyword set among messages with the same keywords.</summary>
    private sealed class KeywordPool
    {
        private readonly Dictionary<string, KeywordSet> _sets = new(StringComparer.Ordinal);

        public KeywordSet All { get; private set; } = KeywordSet.Empty;

        public KeywordSet Get(string text)
        {
            if (_sets.TryGetValue(text, out var set)) return set;
            _sets[text] = set = KeywordSet.FromStorage(text);
            All = All.Union(set);
            return set;
        }
    }
}

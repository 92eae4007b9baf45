using System.Diagnostics;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;
using MailServer.Storage.Health;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The statements on one <c>index.db</c>. Commits are not flushed one by one: <see cref="Secure"/> flushes all that were made so far, and the
/// <c>clean</c> mark tells the next opening whether to compare index and files.
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
        _selectMessages = database.Prepare(
            "SELECT key, flags, modseq, date, zone, size, sent_day, keywords, named FROM messages WHERE key BETWEEN ? AND ? ORDER BY key");
        _countMessages = database.Prepare("SELECT count(*) FROM messages WHERE key BETWEEN ? AND ?");
        _saveFolder = database.Prepare("INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }

    /// <summary>Where the file is since it was closed, when it was damaged.</summary>
    public string? SetAside { get; private set; }

    /// <summary>A statement found the file damaged.</summary>
    public bool IsDamaged => _database.FoundCorrupt;

    /// <summary>Where the damaged file is that this one replaces, and what was wrong with it.</summary>
    public (string? File, string Reason)? Replaced { get; private init; }

    /// <summary>Something was written since it was opened or last marked clean.</summary>
    public bool IsMarked => _marked;

    /// <summary>Something was committed that has to last and would not survive a power cut yet.</summary>
    public bool IsUnsecured { get; private set; }

    /// <summary>It was closed in order, and nothing has been written since.</summary>
    public bool WasClean { get; }

    public SummaryCache Cache { get; }

    /// <summary>Opens the index, or makes an empty one where it is missing or no longer readable (which is moved aside).</summary>
    public static IndexDatabase Open(string path, TimeProvider time)
    {
        try
        {
            // SQLite takes an empty file for a new database.
            if (new FileInfo(path) is { Exists: true, Length: 0 }) return OpenExisting(path, time, (DamagedFile.SetAside(path, time), "the file is empty"));
            return OpenExisting(path, time);
        }
        catch (SqliteFailure failure) when (failure.IsLocked)
        {
            throw new StoreInUseException($"{path} is open in another process", failure);
        }
        catch (SqliteFailure failure) when (failure.IsCorrupt)
        {
            return OpenExisting(path, time, (DamagedFile.SetAside(path, time), failure.Message));
        }
    }

    public static long Key(FolderId folder, uint uid) => (folder.Value << 32) | uid;

    /// <summary>Runs <paramref name="work"/> in one transaction.</summary>
    /// <param name="work">The statements.</param>
    /// <param name="lasting">False when a power cut may undo it at any time, because it can be found out again.</param>
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
            // No later state of the files may meet an index that calls itself clean.
            Flushed("UPDATE state SET value = 0 WHERE name = 'clean'");
            _marked = true;
        }

        _database.Begin();
    }

    public void Commit(bool lasting)
    {
        _database.Commit();
        IsUnsecured |= lasting;
    }

    /// <summary>Flushes every commit so far to the disk: one flush, however many there were.</summary>
    public void Secure()
    {
        if (!IsUnsecured) return;
        // Only a commit that writes flushes the log, and SQLite does not write a value that is the same as before.
        var startedAt = Stopwatch.GetTimestamp();
        Flushed("INSERT INTO state VALUES ('secured', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1");
        IsUnsecured = false;
        Measured.Flushed("index", startedAt);
    }

    public void Rollback() => _database.Rollback();

    public void Insert(FolderId folder, uint uid, in MessageEntry entry, long saved, string baseName) => _insertMessage
        .Bind(1, Key(folder, uid)).Bind(2, (long)entry.System).Bind(3, entry.ModSeq).Bind(4, entry.Date).Bind(5, entry.Zone)
        .Bind(6, entry.Size).Bind(7, entry.SentDay).Bind(8, saved).Bind(9, KeywordText(entry.Keywords)).Bind(10, baseName).Run();

    /// <param name="folder">The folder of the message.</param>
    /// <param name="uid">The message.</param>
    /// <param name="flags">What it has from now on.</param>
    /// <param name="modSeq">Of this change.</param>
    /// <param name="named">The letters in the file's name when they tell other flags; null when they tell these.</param>
    public void UpdateFlags(FolderId folder, uint uid, MessageFlags flags, long modSeq, string? named) => _updateFlags
        .Bind(1, (long)flags.System).Bind(2, KeywordText(flags.Keywords)).Bind(3, modSeq).Bind(4, named).Bind(5, Key(folder, uid)).Run();

    /// <summary>The letters in the file's name while they tell other flags; null when they tell the message's own.</summary>
    public void UpdateNamed(FolderId folder, uint uid, string? named) => _updateNamed.Bind(1, named).Bind(2, Key(folder, uid)).Run();

    /// <summary>Gives every message of a folder the same mod-sequence.</summary>
    public void UpdateModSeqs(FolderId folder, long modSeq) =>
        _updateModSeqs.Bind(1, modSeq).Bind(2, Key(folder, 0)).Bind(3, Key(folder, uint.MaxValue)).Run();

    public void UpdateSentDay(FolderId folder, uint uid, int day) => _updateSentDay.Bind(1, day).Bind(2, Key(folder, uid)).Run();

    /// <summary>Removes a message and remembers that it was there.</summary>
    public void Expunge(FolderId folder, uint uid, long modSeq)
    {
        var key = Key(folder, uid);
        _insertExpunged.Bind(1, modSeq).Bind(2, key).Run();
        _deleteMessage.Bind(1, key).Run();
        Cache.Remove(key);
    }

    /// <summary>Whether that very message was removed from the folder, so that a file of it is a leftover and no mail.</summary>
    public bool WasExpunged(FolderId folder, uint uid, string baseName)
    {
        var found = _selectExpunged.Bind(1, Key(folder, uid)).Bind(2, baseName).Step();
        _selectExpunged.Reset();
        return found;
    }

    /// <summary>The UID of the message of that name in the folder, if it is there.</summary>
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

    /// <summary>The names of all messages of a folder in the order of their UIDs.</summary>
    public string[] BasesOf(FolderId folder, int count)
    {
        var names = new string[count];
        _selectBases.Bind(1, Key(folder, 0)).Bind(2, Key(folder, uint.MaxValue));
        for (var i = 0; i < count && _selectBases.Step(); i++) names[i] = _selectBases.Text(0)!;
        _selectBases.Reset();
        return names;
    }

    /// <summary>All messages of a folder, and the keywords among them; adds to <paramref name="named"/> those whose files tell other flags.</summary>
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
        return (new MessageTable(UidList.Own(uids), entries), keywords.All);
    }

    /// <summary>The folders that the index knows: name, state as far as it is kept here, numbers.</summary>
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
                RecentFrom = (uint)select.Long(6),
                Messages = (int)select.Long(8),
                Unseen = (int)select.Long(9),
                Deleted = (int)select.Long(10),
                Size = select.Long(11),
                CurrentTime = select.Long(12),
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
        .Bind(5, row.UidNext).Bind(6, row.ModSeq).Bind(7, row.RecentFrom).Bind(8, 0)
        .Bind(9, row.Messages).Bind(10, row.Unseen).Bind(11, row.Deleted).Bind(12, row.Size).Bind(13, row.CurrentTime).Run();

    public void RemoveFolder(FolderId folder)
    {
        long first = Key(folder, 0), last = Key(folder, uint.MaxValue);
        foreach (var table in new[] { "messages", "message_cache", "expunged" })
            _database.Execute($"DELETE FROM {table} WHERE key BETWEEN {first} AND {last}");
        _database.Execute($"DELETE FROM folders WHERE id = {folder.Value}");
    }

    /// <summary>Everything known is in the files' names too: the next opening may trust the index.</summary>
    public void MarkClean()
    {
        if (!_marked) return;
        _database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        _database.Execute("UPDATE state SET value = 1 WHERE name = 'clean'");
        (_marked, IsUnsecured) = (false, false);
    }

    /// <summary>How many messages have this UID or a higher one.</summary>
    public int CountFrom(FolderId folder, uint uid)
    {
        _countMessages.Bind(1, Key(folder, uid)).Bind(2, Key(folder, uint.MaxValue)).Step();
        var count = (int)_countMessages.Long(0);
        _countMessages.Reset();
        return count;
    }

    /// <summary>What would be won by expunging all that is marked <c>\Deleted</c>.</summary>
    public long DeletedSize(FolderId folder) => _database.Scalar(
        $"SELECT sum(size) FROM messages WHERE key BETWEEN {Key(folder, 0)} AND {Key(folder, uint.MaxValue)} AND flags & {(int)SystemFlags.Deleted}");

    /// <summary>Forgets the oldest removals of a folder beyond <paramref name="keep"/>.</summary>
    public void PruneExpunged(FolderId folder, int keep)
    {
        var range = $"key BETWEEN {Key(folder, 0)} AND {Key(folder, uint.MaxValue)}";
        _database.Execute(
            $"DELETE FROM expunged WHERE {range} AND modseq <= (SELECT modseq FROM expunged WHERE {range} ORDER BY modseq DESC LIMIT 1 OFFSET {keep})");
    }

    public void Dispose()
    {
        var corrupt = _database.FoundCorrupt;
        _database.Dispose();
        if (corrupt) SetAside = DamagedFile.SetAside(_path, _time);
    }

    private static IndexDatabase OpenExisting(string path, TimeProvider time, (string? File, string Reason)? replaced = null)
    {
        var database = SqliteDatabase.Open(path);
        try
        {
            // Without shared memory: no second process can even read.
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

    /// <summary>Runs a statement whose commit is flushed, and with it every earlier one.</summary>
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

    /// <summary>Messages with the same keywords share one set.</summary>
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

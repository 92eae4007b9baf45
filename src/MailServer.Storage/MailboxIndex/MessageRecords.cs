using MailServer.Domain.Mailboxes;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>The table of messages: flags, dates, sizes and the base names of their files.</summary>
internal sealed class MessageRecords(SqliteDatabase database)
{
    private readonly SqliteStatement _insert = database.Prepare("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)");
    private readonly SqliteStatement _updateFlags = database.Prepare("UPDATE messages SET flags = ?, keywords = ?, modseq = ?, named = ? WHERE key = ?");
    private readonly SqliteStatement _updateNamed = database.Prepare("UPDATE messages SET named = ? WHERE key = ?");
    private readonly SqliteStatement _updateModSeqs = database.Prepare("UPDATE messages SET modseq = ? WHERE key BETWEEN ? AND ?");
    private readonly SqliteStatement _updateSentDay = database.Prepare("UPDATE messages SET sent_day = ? WHERE key = ?");
    private readonly SqliteStatement _delete = database.Prepare("DELETE FROM messages WHERE key = ?");
    private readonly SqliteStatement _findBase = database.Prepare("SELECT key FROM messages WHERE base = ? AND key BETWEEN ? AND ?");
    private readonly SqliteStatement _selectBase = database.Prepare("SELECT base FROM messages WHERE key = ?");
    private readonly SqliteStatement _selectSaved = database.Prepare("SELECT saved FROM messages WHERE key = ?");
    private readonly SqliteStatement _selectBases = database.Prepare("SELECT base FROM messages WHERE key BETWEEN ? AND ? ORDER BY key");
    private readonly SqliteStatement _count = database.Prepare("SELECT count(*) FROM messages WHERE key BETWEEN ? AND ?");
    private readonly SqliteStatement _selectAfter = database.Prepare("SELECT key, flags, keywords, size, base, named FROM messages WHERE key > ? AND key <= ? ORDER BY key LIMIT ?");
    private readonly SqliteStatement _select = database.Prepare(
        "SELECT key, flags, modseq, date, zone, size, sent_day, keywords, named FROM messages WHERE key BETWEEN ? AND ? ORDER BY key");

    public void Insert(FolderId folder, uint uid, in MessageEntry entry, long saved, string baseName) => _insert
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

    public void Remove(long key) => _delete.Bind(1, key).Run();

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

    /// <summary>When the message came into its folder, in seconds of Unix time; 0 if it is not in the folder.</summary>
    public long SavedAt(FolderId folder, uint uid)
    {
        var saved = _selectSaved.Bind(1, Key(folder, uid)).Step() ? _selectSaved.Long(0) : 0;
        _selectSaved.Reset();
        return saved;
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
        _select.Bind(1, Key(folder, 0)).Bind(2, Key(folder, uint.MaxValue));
        var uids = new uint[expected + 16];
        var entries = new MessageEntry[expected + 16];
        var keywords = new KeywordPool();
        var count = 0;
        for (; _select.Step(); count++)
        {
            if (count == uids.Length)
            {
                Array.Resize(ref uids, count * 2);
                Array.Resize(ref entries, count * 2);
            }

            uids[count] = (uint)_select.Long(0);
            entries[count] = ReadEntry(keywords);
            if (!_select.IsNull(8)) named.TryAdd(uids[count], _select.Text(8)!);
        }

        _select.Reset();
        Array.Resize(ref uids, count);
        return (new MessageTable(UidList.TakeOwnership(uids), entries), keywords.All);
    }

    /// <summary>Reads the first messages of a folder with a higher UID, which need not be loaded.</summary>
    public List<StoredMessage> After(FolderId folder, uint uid, int most)
    {
        var found = new List<StoredMessage>();
        _selectAfter.Bind(1, Key(folder, uid)).Bind(2, Key(folder, uint.MaxValue)).Bind(3, most);
        while (_selectAfter.Step())
        {
            var keywords = _selectAfter.Text(2) is { } stored ? KeywordSet.FromStorage(stored) : KeywordSet.Empty;
            found.Add(new StoredMessage(
                (uint)_selectAfter.Long(0), _selectAfter.Long(3), _selectAfter.Text(4)!, _selectAfter.Text(5), new MessageFlags((SystemFlags)_selectAfter.Long(1), keywords)));
        }

        _selectAfter.Reset();
        return found;
    }

    /// <summary>The keys of all messages, ascending.</summary>
    public long[] Keys()
    {
        var keys = new List<long>();
        using var select = database.PrepareOnce("SELECT key FROM messages ORDER BY key");
        while (select.Step()) keys.Add(select.Long(0));
        return [.. keys];
    }

    /// <summary>Counts the messages with this UID or a higher one.</summary>
    public int CountFrom(FolderId folder, uint uid)
    {
        _count.Bind(1, Key(folder, uid)).Bind(2, Key(folder, uint.MaxValue)).Step();
        var count = (int)_count.Long(0);
        _count.Reset();
        return count;
    }

    /// <summary>Returns the total size of the messages with <c>\Deleted</c>.</summary>
    public long DeletedSize(FolderId folder) => database.Scalar(
        $"SELECT sum(size) FROM messages WHERE key BETWEEN {Key(folder, 0)} AND {Key(folder, uint.MaxValue)} AND flags & {(int)SystemFlags.Deleted}");

    private static long Key(FolderId folder, uint uid) => IndexDatabase.Key(folder, uid);

    private static string? KeywordText(KeywordSet keywords) => keywords.Count == 0 ? null : keywords.ToString();

    private MessageEntry ReadEntry(KeywordPool keywords) => new()
    {
        System = (SystemFlags)_select.Long(1),
        ModSeq = _select.Long(2),
        Date = _select.Long(3),
        Zone = (short)_select.Long(4),
        Size = _select.Long(5),
        SentDay = (int)_select.Long(6),
        Keywords = _select.IsNull(7) ? KeywordSet.Empty : keywords.Get(_select.Text(7)!),
    };

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

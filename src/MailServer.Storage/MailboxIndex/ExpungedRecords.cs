using MailServer.Domain.Mailboxes;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>The table of removed messages. A file with the base name of one is a leftover of its removal and not new mail.</summary>
internal sealed class ExpungedRecords(SqliteDatabase database)
{
    private readonly SqliteStatement _insert = database.Prepare("INSERT OR REPLACE INTO expunged SELECT key, ?, base FROM messages WHERE key = ?");
    private readonly SqliteStatement _selectSince = database.Prepare("SELECT key FROM expunged WHERE key BETWEEN ? AND ? AND modseq > ? ORDER BY key");
    private readonly SqliteStatement _select = database.Prepare("SELECT 1 FROM expunged WHERE key = ? AND base = ?");

    /// <summary>Records the removal of a message, which must still be in the table of messages.</summary>
    public void Add(long key, long modSeq) => _insert.Bind(1, modSeq).Bind(2, key).Run();

    public bool Contains(FolderId folder, uint uid, string baseName)
    {
        var found = _select.Bind(1, IndexDatabase.Key(folder, uid)).Bind(2, baseName).Step();
        _select.Reset();
        return found;
    }

    /// <summary>Returns the UIDs of the messages that were removed after a mod-sequence, ascending.</summary>
    public uint[] Since(FolderId folder, long modSeq)
    {
        var uids = new List<uint>();
        _selectSince.Bind(1, IndexDatabase.Key(folder, 0)).Bind(2, IndexDatabase.Key(folder, uint.MaxValue)).Bind(3, modSeq);
        while (_selectSince.Step()) uids.Add((uint)_selectSince.Long(0));
        _selectSince.Reset();
        return [.. uids];
    }

    /// <summary>Removes the oldest records of a folder beyond <paramref name="keep"/>; returns the highest mod-sequence among them, 0 if there are none.</summary>
    public long Prune(FolderId folder, int keep)
    {
        var range = $"key BETWEEN {IndexDatabase.Key(folder, 0)} AND {IndexDatabase.Key(folder, uint.MaxValue)}";
        var last = database.Scalar($"SELECT coalesce((SELECT modseq FROM expunged WHERE {range} ORDER BY modseq DESC LIMIT 1 OFFSET {keep}), 0)");
        if (last > 0) database.Execute($"DELETE FROM expunged WHERE {range} AND modseq <= {last}");
        return last;
    }
}

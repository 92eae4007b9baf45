using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// Appends spooled messages to folders in batches. Staging links a file and inserts its row; the commit makes all
/// staged messages durable together, file names first, then the index. Replies may be sent only after the commit.
/// </summary>
internal sealed class MessageAppender(MailboxContext context)
{
    private readonly List<(Folder Folder, uint Uid, bool Before)> _staged = [];
    private readonly Dictionary<Folder, Batch> _batches = [];
    private long _stagedSize;
    private bool _lasting;

    public bool Any => _staged.Count > 0;

    /// <param name="name">The folder.</param>
    /// <param name="flags">The flags of the message.</param>
    /// <param name="date">The internal date; null for the time of receipt.</param>
    /// <param name="message">The spooled message.</param>
    /// <param name="freed">The octets that the same commit removes from the mailbox, for the quota.</param>
    public MailboxRefusal? Stage(FolderName name, MessageFlags flags, DateTimeOffset? date, SpooledMessage message, long freed = 0)
    {
        if (_batches.Count == 0) context.ReconcileAll();
        if (!context.TryFind(name, out var folder)) return MailboxRefusal.NoSuchTarget;
        var wasLoaded = folder.Messages is not null;
        // The keywords of staged messages count, although the folder does not have them before the commit.
        _batches.TryGetValue(folder, out var open);
        var keywords = context.WithKeywords(folder, flags.Keywords.Count == 0 || open is null ? flags.Keywords : flags.Keywords.Union(open.Keywords));
        // Staged rows are already visible in the open transaction, so a folder that is loaded now contains them.
        if (!wasLoaded && folder.Messages is not null && open is not null) open.Loaded = open.Added.Count;
        if (keywords is null) return MailboxRefusal.LimitReached;
        if (folder.Row.UidNext >= uint.MaxValue - (uint)_staged.Count - 1) return MailboxRefusal.LimitReached;
        if (context.Index.Messages.FindBase(folder.Id, message.Id.Base) is { } already)
        {
            _staged.Add((folder, already, message.Id.IsAttempt));
            return null;
        }

        if (context.Quota is not null && !context.Use.HasRoomFor(_stagedSize + message.Size - freed)) return MailboxRefusal.OverQuota;
        try
        {
            if (_batches.Count == 0) context.Index.Begin();
            if (!_batches.TryGetValue(folder, out var batch)) _batches.Add(folder, batch = new Batch(folder));
            batch.Keywords = batch.Keywords.Union(keywords);
            _staged.Add((folder, Add(batch, flags, date, message), false));
            _stagedSize += message.Size;
            // A file name stores neither a time zone nor more keywords than there are letters.
            _lasting |= date is not null || flags.Keywords.Count > 0;
            return null;
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    /// <summary>Appends messages and commits them, all or none. Nothing else may be staged.</summary>
    public MailboxResult<AppendAllOutcome> AppendAll(FolderName name, IReadOnlyList<NewMessage> messages)
    {
        foreach (var message in messages)
        {
            if (Stage(name, message.Flags, message.InternalDate, message.Message) is not { } refusal) continue;
            Drop();
            return refusal;
        }

        if (!context.TryFind(name, out var folder)) return MailboxRefusal.NoSuchTarget;
        var committed = Commit();
        return new AppendAllOutcome(new MailboxReply.AppendedAll(folder.UidValidity, [.. committed.Appended.Select(static a => a.Uid)]), committed.Changes);
    }

    /// <summary>Undoes what was staged since the last commit.</summary>
    public void Drop()
    {
        if (_batches.Count > 0) Abandon();
        Clear();
    }

    /// <summary>Makes the staged messages durable, and removes another one in the same transaction.</summary>
    /// <param name="replaced">A message that the staged one replaces; null for none. Its folder is loaded.</param>
    public CommitOutcome Commit((Folder Folder, int Position)? replaced = null)
    {
        var appended = new MailboxReply.Appended[_staged.Count];
        for (var i = 0; i < appended.Length; i++)
        {
            var (validity, uid) = (_staged[i].Folder.UidValidity, new Uid(_staged[i].Uid));
            appended[i] = _staged[i].Before ? new MailboxReply.AlreadyAppended(validity, uid) : new MailboxReply.Appended(validity, uid);
        }

        PendingExpunge? removal = null;
        try
        {
            foreach (var folder in _batches.Keys) folder.Directory.SyncCurrent();
            context.FaultPoint("delivery: names durable");
            foreach (var (folder, batch) in _batches) context.Index.Folders.Save(folder, batch.Row);
            if (replaced is { } old) removal = Record(old.Folder, old.Position);
            if (_batches.Count > 0) context.Index.Commit(_lasting || removal is not null);
        }
        catch
        {
            Abandon();
            throw;
        }

        context.FaultPoint("delivery: committed");
        var changes = new List<MailboxChanged>(_batches.Count);
        foreach (var batch in _batches.Values) TakeOver(batch, changes);
        if (removal is not null) new Expunger(context).Finish(removal);
        Clear();
        return new CommitOutcome(appended, changes);
    }

    /// <summary>Adds the removal of a message to the transaction.</summary>
    private PendingExpunge Record(Folder folder, int position)
    {
        var removals = new Expunger(context);
        var removal = removals.Prepare(folder, [position], _batches.TryGetValue(folder, out var batch) ? batch.Row : folder.Row);
        removals.Record(removal);
        return removal;
    }

    private uint Add(Batch batch, MessageFlags flags, DateTimeOffset? date, SpooledMessage message)
    {
        var folder = batch.Folder;
        folder.AssignLetters(flags.Keywords);
        var source = context.SpoolPath(message.Id);
        // The modification time of the file preserves the internal date if the index is lost; that of a message without a date is its time of receipt.
        if (date is { } given) File.SetLastWriteTimeUtc(source, given.UtcDateTime);
        var uid = batch.Row.UidNext++;
        batch.Row.ModSeq++;
        folder.Reserve(batch.Row);
        var entry = MessageEntry.Of(flags, date ?? message.ReceivedAt, message.Size, MessageEntry.Day(message.Summary.SentDate));
        entry.ModSeq = batch.Row.ModSeq;
        var path = folder.Directory.PathOf(folder.FileName(message.Id.Base, uid, message.Size, flags));
        Posix.LinkOrCopy(source, path);
        batch.Paths.Add(path);
        context.FaultPoint("delivery: linked");
        context.Index.Messages.Insert(folder.Id, uid, entry, context.Time.GetUtcNow().ToUnixTimeSeconds(), message.Id.Base);
        context.Index.Cache.Insert(IndexDatabase.Key(folder.Id, uid), message.Summary);
        batch.Row.Count(flags.System, message.Size, 1);
        batch.Added.Add((uid, entry));
        return uid;
    }

    private static void TakeOver(Batch batch, List<MailboxChanged> changes)
    {
        var folder = batch.Folder;
        folder.Row = batch.Row;
        folder.RecordDirectoryTime(batch.WasUntouched);
        if (folder.Messages is not { } messages) return;
        folder.Keywords = folder.Keywords.Union(batch.Keywords);
        foreach (var (uid, entry) in batch.Added.Skip(batch.Loaded)) messages.Add(uid, entry);
        changes.Add(folder.Changed([], new Uid(batch.Added[0].Uid)));
    }

    /// <summary>Undoes everything that was staged. The assigned UIDs and mod-sequences remain used.</summary>
    private void Abandon()
    {
        foreach (var batch in _batches.Values)
        {
            foreach (var path in batch.Paths) Posix.TryUnlink(path);
            (batch.Folder.Row.UidNext, batch.Folder.Row.ModSeq) = (batch.Row.UidNext, batch.Row.ModSeq);
            batch.Folder.RecordDirectoryTime(batch.WasUntouched);
            if (batch.Loaded > 0) batch.Folder.Messages = null;
        }

        Clear();
        context.Index.Rollback();
    }

    private void Clear()
    {
        _batches.Clear();
        _staged.Clear();
        (_stagedSize, _lasting) = (0, false);
    }

    private sealed class Batch(Folder folder)
    {
        public FolderRow Row = folder.Row;

        public Folder Folder => folder;

        public bool WasUntouched { get; } = folder.IsUnchangedOnDisk;

        public KeywordSet Keywords { get; set; } = KeywordSet.Empty;

        public List<(uint Uid, MessageEntry Entry)> Added { get; } = [];

        /// <summary>Number of added messages that the folder's table already contains.</summary>
        public int Loaded { get; set; }

        public List<string> Paths { get; } = [];
    }
}

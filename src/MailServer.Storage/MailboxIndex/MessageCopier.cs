using MailServer.Domain.Mailboxes;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// COPY and MOVE: each file is linked into the target folder and the names are made durable, then the index is committed, and only
/// then moved messages are removed from the source. A crash in between may leave a message in both folders, but never in neither.
/// </summary>
internal sealed class MessageCopier(MailboxContext context)
{
    /// <param name="from">The folder of the messages.</param>
    /// <param name="uids">The messages.</param>
    /// <param name="to">The target.</param>
    /// <param name="move">Removes the messages from their folder.</param>
    /// <param name="limit">The flags that a copy has; null for all.</param>
    public MailboxResult<CopyOutcome> Copy(FolderId from, ReadOnlySpan<uint> uids, FolderName to, bool move, Func<MessageFlags, MessageFlags>? limit = null)
    {
        if (!context.TryFind(from, out var source)) return MailboxRefusal.NoSuchFolder;
        if (!context.TryFind(to, out var target)) return MailboxRefusal.NoSuchTarget;
        var messages = context.Load(source);
        var positions = messages.Positions(uids);
        if (target.Row.UidNext >= uint.MaxValue - (uint)positions.Length) return MailboxRefusal.LimitReached;
        if (!move && context.Quota is not null && !context.Use.HasRoomFor(positions.Sum(position => messages[position].Size))) return MailboxRefusal.OverQuota;
        var used = UsedKeywords(messages, positions);
        if (context.WithKeywords(target, used) is not { } keywords) return MailboxRefusal.LimitReached;
        target.AssignLetters(used);

        var copies = new CopyBatch(source, target, target.Row);
        try
        {
            Link(copies, positions, limit);
            if (copies.Items.Count > 0) Commit(copies, move, keywords);
        }
        catch
        {
            foreach (var copy in copies.Items) Posix.TryUnlink(copy.Path);
            (target.Row.UidNext, target.Row.ModSeq) = (copies.Row.UidNext, Math.Max(target.Row.ModSeq, copies.Row.ModSeq));
            throw;
        }

        return Describe(copies, move);
    }

    private void Link(CopyBatch copies, int[] positions, Func<MessageFlags, MessageFlags>? limit)
    {
        var (source, target) = (copies.Source, copies.Target);
        var messages = source.Messages!;
        copies.Row.ModSeq++;
        var reserved = copies.Row;
        reserved.UidNext += (uint)positions.Length;
        target.Reserve(reserved);
        foreach (var position in positions)
        {
            var uid = messages.Uids[position];
            if (context.Index.Messages.BaseOf(source.Id, uid) is not { } baseName) continue;
            var entry = messages[position];
            if (limit is not null) (entry.System, entry.Keywords) = limit(entry.Flags);
            var newUid = copies.Row.UidNext++;
            var path = target.Directory.PathOf(target.FileName(baseName, newUid, entry.Size, entry.Flags));
            Link(source, position, baseName, path);
            entry.ModSeq = copies.Row.ModSeq;
            copies.Row.Count(entry.System, entry.Size, 1);
            copies.Items.Add(new CopiedItem(position, uid, newUid, entry, baseName, path));
        }

        target.Directory.SyncCurrent();
        context.FaultPoint("copy: names durable");
    }

    /// <exception cref="UnreadableMessageException">The message file is missing or is not a regular file.</exception>
    private void Link(Folder source, int position, string baseName, string path)
    {
        var uid = source.Messages!.Uids[position];
        try
        {
            Posix.LinkOrCopy(source.Directory.PathOf(source.FileName(baseName, uid, source.Messages[position])), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure may also be a full disk: only an unreadable file is reported as a failure of the message.
            context.Read(source, position, static content =>
            {
                content.Dispose();
                return true;
            });
            if (e is not FileNotFoundException || source.Directory.Find(baseName, uid) is not { } name) throw;
            source.Row.DirectoryTime = 0;
            Posix.LinkOrCopy(source.Directory.PathOf(name), path);
        }
    }

    private void Commit(CopyBatch copies, bool move, KeywordSet keywords)
    {
        var (source, target) = (copies.Source, copies.Target);
        var removals = new Expunger(context);
        var saved = context.Time.GetUtcNow().ToUnixTimeSeconds();
        var within = ReferenceEquals(source, target);
        var removal = move ? removals.Prepare(source, copies.Items.ConvertAll(c => c.Position), within ? copies.Row : source.Row) : null;
        context.Index.Write(() =>
        {
            foreach (var copy in copies.Items)
            {
                context.Index.Messages.Insert(target.Id, copy.NewUid, copy.Entry, saved, copy.Base);
                context.Index.Cache.Copy(IndexDatabase.Key(source.Id, copy.Uid), IndexDatabase.Key(target.Id, copy.NewUid));
            }

            context.Index.Folders.Save(target, copies.Row);
            if (removal is not null) removals.Record(removal);
        });
        context.FaultPoint("copy: committed");
        target.Row = copies.Row;
        target.RecordDirectoryTime(copies.WasUntouched);
        if (target.Messages is { } loaded)
        {
            target.Keywords = keywords;
            foreach (var copy in copies.Items) loaded.Add(copy.NewUid, copy.Entry);
        }

        if (removal is not null) removals.Finish(removal);
    }

    private static CopyOutcome Describe(CopyBatch copies, bool move)
    {
        var (source, target) = (copies.Source, copies.Target);
        var moved = move ? source.Changed([]) : null;
        var change = target.Messages is not null && copies.Items.Count > 0 ? target.Changed([], new Uid(copies.Items[0].NewUid)) : null;
        var reply = new MailboxReply.Copied(
            target.UidValidity, copies.Items.ConvertAll(c => new Uid(c.Uid)), copies.Items.ConvertAll(c => new Uid(c.NewUid)), moved);
        return new CopyOutcome(reply, change);
    }

    private static KeywordSet UsedKeywords(MessageTable messages, int[] positions)
    {
        var used = KeywordSet.Empty;
        KeywordSet? last = null;
        foreach (var position in positions)
        {
            if (ReferenceEquals(messages[position].Keywords, last)) continue;
            last = messages[position].Keywords;
            used = used.Union(last);
        }

        return used;
    }

    private readonly record struct CopiedItem(int Position, uint Uid, uint NewUid, MessageEntry Entry, string Base, string Path);

    private sealed class CopyBatch(Folder source, Folder target, FolderRow row)
    {
        public FolderRow Row = row;

        public Folder Source => source;

        public Folder Target => target;

        public bool WasUntouched { get; } = target.IsUnchangedOnDisk;

        public List<CopiedItem> Items { get; } = [];
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>STORE and UID STORE (RFC 3501 §6.4.6), also for messages that have not changed since a mod-sequence (RFC 7162 §3.1.3).</summary>
internal sealed record StoreCommand(SequenceSet Set, bool IsUid, ModSeq? UnchangedSince, FlagOperation Operation, bool Silent, MessageFlags Flags) : ImapCommand
{
    public override bool AllowsExpunge => IsUid;

    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, isUid: false);

    public static ImapCommand? ReadUid(ref ImapReader reader) => Read(ref reader, isUid: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var view = session.Folder;
        if (view.IsReadOnly)
        {
            session.Refuse(ImapError.ReadOnly);
            yield break;
        }

        if (IsUid) session.SyncView(mayExpunge: true);
        if (view.Resolve(Set, IsUid) is not { } uids)
        {
            session.Refuse(ImapError.NoSuchMessage);
            yield break;
        }

        if (UnchangedSince is not null) session.EnableCondStore();
        session.Ok($"{Name} completed");
        if (uids.Length == 0) yield break;
        yield return ImapSession.Request(
            UnchangedSince is { } since ? new MailboxRequest.StoreUnchanged(view.Id, uids, Operation, Flags, since) : new MailboxRequest.Store(view.Id, uids, Operation, Flags));
        if (session.Reply is not MailboxReply.Stored { Change: var change })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        var writer = new ImapWriter(session.Output);
        view.ApplyStore(ref writer, change, announce: !Silent, withUid: IsUid);
        IReadOnlyList<FlagChange> modified = session.Reply is MailboxReply.StoredInPart part ? part.Modified : [];
        foreach (var left in modified)
        {
            view.Refresh(left, alreadySent: true);
            view.WriteFlagUpdate(ref writer, left, withUid: true);
        }

        writer.Commit();
        var exist = change.FlagsChanged.Count + modified.Count;
        if (modified.Count > 0) session.Ok("Some messages have changed meanwhile", $"MODIFIED {Numbers(view, modified)}");
        // RFC 2180 §4.2: the client is told that messages are gone, unless it does not want to know the results (§4.2.1).
        else if (!IsUid && !Silent && exist < uids.Length) session.Refuse(ImapError.ExpungeIssued);
    }

    private UidSet Numbers(SelectedFolder view, IReadOnlyList<FlagChange> changes) =>
        UidSet.OfUids([.. changes.Select(c => IsUid ? c.Uid.Value : (uint)view.SequenceOf(c.Uid.Value)).Where(static n => n > 0)]);

    private static StoreCommand? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace() || !reader.ReadSequenceSet(out var set) || !reader.ReadSpace()) return null;
        ModSeq? since = null;
        if (reader.TryReadWord("(UNCHANGEDSINCE "u8))
        {
            if (!reader.ReadModSeq(out var modSeq) || !reader.TryReadWord(") "u8)) return null;
            since = modSeq;
        }

        var operation = reader.TryRead((byte)'+') ? FlagOperation.Add : reader.TryRead((byte)'-') ? FlagOperation.Remove : FlagOperation.Replace;
        if (!reader.TryReadWord("FLAGS"u8)) return null;
        var silent = reader.TryReadWord(".SILENT"u8);
        if (!reader.ReadSpace()) return null;
        var isList = reader.Rest is [(byte)'(', ..];
        if (!(isList ? ImapFlags.ReadFlagList(ref reader, out var flags) : ImapFlags.ReadFlags(ref reader, out flags))) return null;
        return new StoreCommand(set, isUid, since, operation, silent, flags);
    }
}

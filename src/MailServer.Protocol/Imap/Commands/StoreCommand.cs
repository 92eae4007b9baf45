using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>STORE and UID STORE (RFC 3501 §6.4.6).</summary>
internal sealed record StoreCommand(SequenceSet Set, bool IsUid, FlagOperation Operation, bool Silent, MessageFlags Flags) : ImapCommand
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

        session.Ok($"{Name} completed");
        if (uids.Length == 0) yield break;
        yield return ImapSession.Request(new MailboxRequest.Store(view.Id, uids, Operation, Flags));
        if (session.Reply is not MailboxReply.Stored { Change: var change })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        var writer = new ImapWriter(session.Output);
        view.ApplyStore(ref writer, change, announce: !Silent, withUid: IsUid);
        writer.Commit();
        // RFC 2180 §4.2: the client is told that messages are gone, unless it does not want to know the results (§4.2.1).
        if (!IsUid && !Silent && change.FlagsChanged.Count < uids.Length) session.Refuse(ImapError.ExpungeIssued);
    }

    private static StoreCommand? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace() || !reader.ReadSequenceSet(out var set) || !reader.ReadSpace()) return null;
        var operation = reader.TryRead((byte)'+') ? FlagOperation.Add : reader.TryRead((byte)'-') ? FlagOperation.Remove : FlagOperation.Replace;
        if (!reader.TryReadWord("FLAGS"u8)) return null;
        var silent = reader.TryReadWord(".SILENT"u8);
        if (!reader.ReadSpace()) return null;
        var isList = reader.Rest is [(byte)'(', ..];
        if (!(isList ? ImapFlags.ReadFlagList(ref reader, out var flags) : ImapFlags.ReadFlags(ref reader, out flags))) return null;
        return new StoreCommand(set, isUid, operation, silent, flags);
    }
}

using System.Globalization;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>COPY (RFC 3501 §6.4.7) and MOVE (RFC 6851), by sequence number or by UID, answered with COPYUID (RFC 4315 §3).</summary>
internal sealed record CopyCommand(SequenceSet Set, bool IsUid, FolderName? Target, bool IsMove) : ImapCommand
{
    public override bool ChangesFolder => true;

    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, isUid: false, moves: false);

    public static ImapCommand? ReadUid(ref ImapReader reader) => Read(ref reader, isUid: true, moves: false);

    public static ImapCommand? ReadMove(ref ImapReader reader) => Read(ref reader, isUid: false, moves: true);

    public static ImapCommand? ReadUidMove(ref ImapReader reader) => Read(ref reader, isUid: true, moves: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var view = session.Folder;
        if (IsMove && view.IsReadOnly)
        {
            session.Refuse(ImapError.ReadOnly);
            yield break;
        }

        if (IsUid) session.SyncView(mayExpunge: true);
        var uids = view.Resolve(Set, IsUid);
        if (uids is null || Target is not { } target)
        {
            session.Refuse(uids is null ? ImapError.NoSuchMessage : ImapError.BadFolderName);
            yield break;
        }

        session.Ok($"{Name} completed");
        if (uids.Length == 0) yield break;
        yield return ImapSession.Request(new MailboxRequest.Copy(view.Id, uids, target, IsMove));
        if (session.Reply is MailboxReply.Copied copied) Conclude(session, copied, uids.Length);
        else session.RefuseWithMailboxReply();
    }

    private void Conclude(ImapSession session, MailboxReply.Copied copied, int requested)
    {
        session.NoteOwn(Target, copied.Targets);
        // RFC 2180 §4.4: the others may have been removed by another session.
        if (copied.Sources.Count == 0) session.Refuse(ImapError.ExpungeIssued);
        else if (copied.Sources.Count < requested) WriteUntagged(session, ImapErrors.SomeRemoved);
        var code = copied.Sources.Count == 0 ? null
            : $"COPYUID {copied.TargetValidity.Value.ToString(CultureInfo.InvariantCulture)} {FormatUidSet(copied.Sources)} {FormatUidSet(copied.Targets)}";
        if (!IsMove)
        {
            if (code is not null) session.Ok($"{Name} completed", code);
            return;
        }

        // RFC 6851 §4.3: COPYUID goes in an untagged response before the EXPUNGE responses.
        if (code is not null) WriteUntagged(session, new ImapResult("OK", code, "Moved"));
        if (copied.Moved is { } moved) session.Folder.Apply(moved);
    }

    private static void WriteUntagged(ImapSession session, ImapResult result)
    {
        var writer = new ImapWriter(session.Output);
        result.Write(ref writer, null);
        writer.Commit();
    }

    // Both sets list their UIDs in the same order, so clients can pair them by position.
    private static string FormatUidSet(IReadOnlyList<Uid> uids)
    {
        var text = new StringBuilder();
        for (var at = 0; at < uids.Count;)
        {
            var end = at;
            while (end + 1 < uids.Count && uids[end + 1].Value == uids[end].Value + 1) end++;
            if (at > 0) text.Append(',');
            text.Append(uids[at]);
            if (end > at) text.Append(':').Append(uids[end]);
            at = end + 1;
        }

        return text.ToString();
    }

    private static CopyCommand? Read(ref ImapReader reader, bool isUid, bool moves) =>
        reader.ReadSpace() && reader.ReadSequenceSet(out var set) && reader.ReadSpace() && reader.ReadMailbox(out var target)
            ? new CopyCommand(set, isUid, target, moves) : null;
}

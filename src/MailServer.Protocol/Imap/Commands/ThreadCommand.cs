using MailServer.Domain.Mailboxes;
using MailServer.Domain.Ordering;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Searching;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>THREAD and UID THREAD (RFC 5256 §3).</summary>
internal sealed record ThreadCommand(ThreadAlgorithm Algorithm, SearchProgram Program, bool IsUid) : ImapCommand
{
    public override bool AllowsExpunge => IsUid;

    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, isUid: false);

    public static ImapCommand? ReadUid(ref ImapReader reader) => Read(ref reader, isUid: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (IsUid) session.SyncView(mayExpunge: true);
        if (SearchResponse.Prepare(session, Program, null) is not { } criteria) yield break;
        var view = session.Folder;
        // A message that has not been announced has no sequence number, and may not stand between others that have one.
        var announced = new SearchCriteria.Uids(view.AnnouncedUids.Count == 0 ? UidSet.Empty : UidSet.Of((1u, view.AnnouncedUids.Last)));
        yield return ImapSession.Request(new MailboxRequest.Thread(view.Id, new SearchCriteria.And([announced, criteria]), Algorithm));
        if (session.Reply is not MailboxReply.Threads { Members: var members, Unreadable: var unreadable })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        Write(session, view, members);
        if (unreadable.Count > 0) SearchResponse.Warn(session, unreadable);
        session.Ok($"{Name} completed", !IsUid && view.HasUnannouncedExpunges ? "EXPUNGEISSUED" : null);
    }

    private void Write(ImapSession session, SelectedFolder view, IReadOnlyList<ThreadMember> members)
    {
        var numbered = IsUid ? members : [.. members.Select(member => member.Number == 0 ? member : member with { Number = (uint)view.SequenceOf(member.Number) })];
        var writer = new ImapWriter(session.Output);
        ThreadWriter.Write(ref writer, numbered);
        writer.Commit();
    }

    private static ThreadCommand? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace()) return null;
        ThreadAlgorithm algorithm;
        if (reader.TryReadWord("REFERENCES "u8)) algorithm = ThreadAlgorithm.References;
        else if (reader.TryReadWord("ORDEREDSUBJECT "u8)) algorithm = ThreadAlgorithm.OrderedSubject;
        else return null;
        return SearchProgram.ReadWithCharset(ref reader) is { } program ? new ThreadCommand(algorithm, program, isUid) : null;
    }
}

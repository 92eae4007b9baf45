using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Fetching;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// FETCH and UID FETCH (RFC 3501 §6.4.5). The mailbox is asked page by page, the next when the client has taken the last: a slow
/// client costs one page, and nobody waits for a long one.
/// </summary>
internal sealed record Fetch(SequenceSet Set, bool IsUid, FetchPlan Plan) : ImapCommand
{
    public override bool MayTellExpunged => IsUid;

    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, isUid: false);

    public static ImapCommand? ReadUid(ref ImapReader reader) => Read(ref reader, isUid: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        // What has come since is told first, so that N:* finds it.
        if (IsUid) session.SyncView(mayExpunge: true);
        var view = session.Folder;
        if (view.Resolve(Set, IsUid) is not { } uids)
        {
            session.Refuse(ImapRefusal.NoSuchMessage);
            yield break;
        }

        session.Ok($"{Name} completed");
        var pageSize = Plan.NeedsContent ? session.Limits.FetchContentPage : session.Limits.FetchPage;
        for (var at = 0; at < uids.Length; at += pageSize)
        {
            if (at > 0) yield return ImapSession.Flush;
            var page = uids.AsMemory(at, Math.Min(pageSize, uids.Length - at));
            yield return ImapSession.Ask(new MailboxRequest.Fetch(view.Id, page, Plan.Items, Plan.MarksSeen && !view.IsReadOnly));
            if (session.Reply is not MailboxReply.Fetched { Rows: var rows })
            {
                session.RefuseReply();
                yield break;
            }

            foreach (var effect in WritePage(session, rows)) yield return effect;
            // RFC 2180 §4.1: the others are there, those that were removed meanwhile are not.
            if (!IsUid && rows.Count < page.Length) session.Ok("Some messages have been removed meanwhile", "EXPUNGEISSUED");
        }
    }

    private IEnumerable<ImapEffect> WritePage(ImapSession session, IReadOnlyList<MessageRow> rows)
    {
        if (Plan.Sections.Count == 0)
        {
            WriteRows(session, rows);
            yield break;
        }

        var written = 0;
        try
        {
            for (; written < rows.Count; written++)
            {
                foreach (var effect in WriteWithSections(session, rows[written])) yield return effect;
                rows[written].Content?.Dispose();
            }
        }
        finally
        {
            for (; written < rows.Count; written++) rows[written].Content?.Dispose();
        }
    }

    private void WriteRows(ImapSession session, IReadOnlyList<MessageRow> rows)
    {
        var writer = new ImapWriter(session.Output);
        for (var at = 0; at < rows.Count; at++)
            if (RowWriter.TryBegin(ref writer, session.Folder, Plan.Words, rows[at], out _)) writer.Write(")\r\n"u8);
        writer.Commit();
    }

    private IEnumerable<ImapEffect> WriteWithSections(ImapSession session, MessageRow row)
    {
        if (!Begin(session, row, out var any)) yield break;
        foreach (var section in Plan.Sections)
        {
            var source = SectionSource.Find(section, row, session.Limits);
            Write(session, section, source, any);
            any = true;
            if (source.Content is { } content) yield return new ImapEffect.SendContent(content, source.Range.Offset, source.Range.Count);
        }

        End(session);
    }

    private bool Begin(ImapSession session, MessageRow row, out bool any)
    {
        var writer = new ImapWriter(session.Output);
        var known = RowWriter.TryBegin(ref writer, session.Folder, Plan.Words, row, out any);
        writer.Commit();
        return known;
    }

    private static void Write(ImapSession session, BodySection section, in SectionSource source, bool any)
    {
        var writer = new ImapWriter(session.Output);
        RowWriter.Name(ref writer, section.Label, ref any);
        writer.Write((byte)' ');
        if (source.IsNil) writer.Write("NIL"u8);
        else if (source.Content is not null) writer.LiteralHeader(source.Range.Count);
        else if (source.Octets is { IsEmpty: true }) writer.Write("\"\""u8);
        else writer.Literal(source.Octets!.Value.Span);
        writer.Commit();
    }

    private static void End(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write(")\r\n"u8);
        writer.Commit();
    }

    private static Fetch? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace() || !reader.ReadSequenceSet(out var set) || !reader.ReadSpace()) return null;
        if (FetchPlan.Read(ref reader) is not { } plan) return null;
        return new Fetch(set, isUid, isUid ? plan with { Words = plan.Words | FetchWords.Uid } : plan);
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Fetching;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// FETCH and UID FETCH (RFC 3501 §6.4.5), the latter also for a part of its messages (RFC 9394 §3.3). Rows are requested page by page, the next page when the client has taken the last one, so a slow client
/// occupies only one page and long fetches do not block other sessions. Unreadable messages are left out, and the final NO lists them.
/// </summary>
internal sealed record FetchCommand(SequenceSet Set, bool IsUid, FetchPlan Plan, FetchModifiers Modifiers) : ImapCommand
{
    public override bool AllowsExpunge => IsUid;

    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, isUid: false);

    public static ImapCommand? ReadUid(ref ImapReader reader) => Read(ref reader, isUid: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Modifiers.Vanished && !session.Enabled.QResync)
        {
            session.Refuse(ImapError.NotEnabled);
            yield break;
        }

        // Announce new messages first, so that N:* includes them.
        if (IsUid) session.SyncView(mayExpunge: true);
        var view = session.Folder;
        if (view.Resolve(Set, IsUid) is not { } uids)
        {
            session.Refuse(ImapError.NoSuchMessage);
            yield break;
        }

        if (Plan.Attributes.HasFlag(FetchAttributes.ModSeq)) session.EnableCondStore();
        if (Modifiers.ChangedSince is { } since)
        {
            yield return FolderChanges.Request(view, since, IsUid ? view.ResolveUids(Set) : UidSet.OfUids(uids));
            if (FolderChanges.Take(session, Modifiers.Vanished) is not { } changed) yield break;
            uids = changed;
        }

        if (Modifiers.Partial is { } range) uids = uids[range.Within(uids.Length)];
        session.Ok($"{Name} completed");
        var unreadable = new List<Uid>();
        var pageSize = Plan.MayReadFiles ? session.Limits.FetchContentPage : session.Limits.FetchPage;
        for (var at = 0; at < uids.Length; at += pageSize)
        {
            if (at > 0) yield return ImapSession.Flush;
            var page = uids.AsMemory(at, Math.Min(pageSize, uids.Length - at));
            yield return ImapSession.Request(new MailboxRequest.Fetch(view.Id, page, Plan.Items, Plan.MarksSeen && !view.IsReadOnly));
            if (session.Reply is not MailboxReply.Fetched { Rows: var rows })
            {
                session.RefuseWithMailboxReply();
                yield break;
            }

            var without = session.Reply is MailboxReply.PartiallyFetched part ? part.Unreadable : [];
            unreadable.AddRange(without);
            foreach (var effect in WritePage(session, rows, unreadable)) yield return effect;
            // RFC 2180 §4.1.2: return the remaining messages and answer NO.
            if (!IsUid && rows.Count + without.Count < page.Length) session.Refuse(ImapError.ExpungeIssued);
        }

        if (unreadable.Count > 0) session.RefuseUnreadable(unreadable);
    }

    private IEnumerable<ImapEffect> WritePage(ImapSession session, IReadOnlyList<MessageRow> rows, List<Uid> unreadable)
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
                foreach (var effect in WriteWithSections(session, rows[written], unreadable)) yield return effect;
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
            if (FetchResponseWriter.TryBegin(ref writer, session.Folder, Plan.Attributes, rows[at], out _)) writer.Write(")\r\n"u8);
        writer.Commit();
    }

    private IEnumerable<ImapEffect> WriteWithSections(ImapSession session, MessageRow row, List<Uid> unreadable)
    {
        // Locate all sections before the response begins: a started response can only be aborted by closing the connection.
        if (FindSections(session, row) is not { } sources)
        {
            unreadable.Add(row.Uid);
            yield break;
        }

        if (Array.Exists(sources, static source => source.HasUnknownEncoding))
        {
            session.Refuse(ImapError.UnknownEncoding);
            yield break;
        }

        if (!Begin(session, row, out var any)) yield break;
        for (var at = 0; at < sources.Length; at++)
        {
            Write(session, Plan.Sections[at], sources[at], any);
            any = true;
            if (sources[at].Content is { } content) yield return new ImapEffect.SendContent(content, sources[at].Range.Offset, sources[at].Range.Count);
        }

        End(session);
    }

    /// <summary>Locates the sections of a message; null when the message cannot be read.</summary>
    private SectionSource[]? FindSections(ImapSession session, MessageRow row)
    {
        if (Plan.NeedsContent && row.Content is null) return null;
        try
        {
            var decoded = new Dictionary<string, DecodedContent>(StringComparer.Ordinal);
            return [.. Plan.Sections.Select(section => SectionSource.Find(section, row, session.Limits, decoded))];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private bool Begin(ImapSession session, MessageRow row, out bool any)
    {
        var writer = new ImapWriter(session.Output);
        var known = FetchResponseWriter.TryBegin(ref writer, session.Folder, Plan.Attributes, row, out any);
        writer.Commit();
        return known;
    }

    private static void Write(ImapSession session, BodySection section, in SectionSource source, bool any)
    {
        var writer = new ImapWriter(session.Output);
        FetchResponseWriter.WriteName(ref writer, section.Label, ref any);
        writer.Write((byte)' ');
        if (section.Form == SectionForm.BinarySize) writer.Write(source.Size);
        else if (source.IsNil) writer.Write("NIL"u8);
        else if (source.IsBinary) WriteBinary(ref writer, source);
        else if (source.Content is not null) writer.LiteralHeader(source.Range.Count);
        else if (source.Octets is { IsEmpty: true }) writer.Write("\"\""u8);
        else writer.Literal(source.Octets!.Value.Span);
        writer.Commit();
    }

    // literal8 = "~" literal (RFC 3516 §7)
    private static void WriteBinary(ref ImapWriter writer, in SectionSource source)
    {
        writer.Write((byte)'~');
        if (source.Octets is { } octets) writer.Literal(octets.Span);
        else writer.LiteralHeader(source.Range.Count);
    }

    private static void End(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write(")\r\n"u8);
        writer.Commit();
    }

    private static FetchCommand? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace() || !reader.ReadSequenceSet(out var set) || !reader.ReadSpace()) return null;
        if (FetchPlan.Read(ref reader) is not { } plan) return null;
        if (FetchModifiers.Read(ref reader, isUid) is not { } modifiers) return null;
        if (isUid) plan = plan with { Attributes = plan.Attributes | FetchAttributes.Uid };
        // RFC 7162 §3.1.4.1
        if (modifiers.ChangedSince is not null) plan = plan with { Attributes = plan.Attributes | FetchAttributes.ModSeq };
        return new FetchCommand(set, isUid, plan, modifiers);
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Fetching;

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
        var responses = new FetchResponses(Plan);
        var pageSize = responses.PageSize(session);
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
            responses.Unreadable.AddRange(without);
            foreach (var effect in responses.Write(session, rows)) yield return effect;
            // RFC 2180 §4.1.2: return the remaining messages and answer NO.
            if (!IsUid && rows.Count + without.Count < page.Length) session.Refuse(ImapError.ExpungeIssued);
        }

        if (responses.HasUnknownEncoding) session.Refuse(ImapError.UnknownEncoding);
        if (responses.Unreadable.Count > 0) session.RefuseUnreadable(responses.Unreadable);
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

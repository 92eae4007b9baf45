using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Searching;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>SORT and UID SORT (RFC 5256 §3), with the keys of RFC 5957 and the result options of RFC 5267 §3.</summary>
internal sealed record SortCommand(IReadOnlyList<SortCriterion> Order, SearchProgram Program, SearchReturn? Return, bool IsUid) : ImapCommand
{
    public override bool AllowsExpunge => IsUid;

    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, isUid: false);

    public static ImapCommand? ReadUid(ref ImapReader reader) => Read(ref reader, isUid: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (IsUid) session.SyncView(mayExpunge: true);
        if (SearchResponse.Prepare(session, Program, Return) is not { } criteria) yield break;
        yield return ImapSession.Request(new MailboxRequest.Sort(session.Folder.Id, criteria, Order));
        foreach (var effect in SearchResponse.Conclude(session, this, Program, IsUid, Return, criteria)) yield return effect;
    }

    private static SortCommand? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace() || !SearchReturn.TryRead(ref reader, out var options)) return null;
        if (SortOrder.Read(ref reader) is not { } order || !reader.ReadSpace()) return null;
        return SearchProgram.ReadWithCharset(ref reader) is { } program ? new SortCommand(order, program, options, isUid) : null;
    }
}

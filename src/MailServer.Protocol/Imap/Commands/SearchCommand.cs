using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Searching;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>SEARCH and UID SEARCH (RFC 3501 §6.4.4), with result options (RFC 4731) and a saved result (RFC 5182).</summary>
internal sealed record SearchCommand(SearchProgram Program, SearchReturn? Return, bool IsUid) : ImapCommand
{
    public override bool AllowsExpunge => IsUid;

    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, isUid: false);

    public static ImapCommand? ReadUid(ref ImapReader reader) => Read(ref reader, isUid: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (IsUid) session.SyncView(mayExpunge: true);
        if (Program.HasCharset && session.Enabled.Utf8)
        {
            session.Refuse(ImapError.CharsetNotAllowed);
            yield break;
        }

        var options = Return ?? (session.Enabled.Rev2 ? SearchReturn.Everything : null);
        if (SearchResponse.Prepare(session, Program, options) is not { } criteria) yield break;
        yield return ImapSession.Request(new MailboxRequest.Search(session.Folder.Id, criteria));
        foreach (var effect in SearchResponse.Conclude(session, this, Program, IsUid, options, criteria)) yield return effect;
    }

    private static SearchCommand? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace() || !SearchReturn.TryRead(ref reader, out var options)) return null;
        return SearchProgram.Read(ref reader) is { } program ? new SearchCommand(program, options, isUid) : null;
    }
}

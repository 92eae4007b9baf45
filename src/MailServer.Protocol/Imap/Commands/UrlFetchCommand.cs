using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Urls;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>URLFETCH (RFC 4467 §7): what signed URLs name, also in the mailboxes of other users of this server; NIL for a URL that is not valid, whatever the reason.</summary>
internal sealed record UrlFetchCommand(IReadOnlyList<string> Urls) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        var urls = new List<string>();
        do
        {
            if (!reader.ReadSpace() || !reader.ReadAString(out var url)) return null;
            urls.Add(Encoding.UTF8.GetString(url));
        }
        while (!reader.AtEnd);
        return new UrlFetchCommand(urls);
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        using var source = new UrlSource();
        foreach (var text in Urls)
        {
            source.Close();
            if (AuthorizedUrl.Parse(text) is { Token: not null } url && IsAllowed(session, url))
                foreach (var effect in Open(session, url, source)) yield return effect;
            if (source.IsUnavailable)
            {
                session.Refuse(ImapError.Unavailable);
                yield break;
            }

            WriteBeginning(session, text, source);
            if (source.Found is { Octets: null, Content: { } content } found) yield return new ImapEffect.SendContent(content, found.Range.Offset, found.Range.Count);
            WriteEnd(session);
        }

        session.Ok("URLFETCH completed");
    }

    // Everybody who gets here has signed in, so "anonymous" admits no more than "authuser". No session acts for a submission server.
    private static bool IsAllowed(ImapSession session, AuthorizedUrl url) => url.Access switch
    {
        UrlAccess.User => session.IsUser(url.AccessUser),
        UrlAccess.SignedIn or UrlAccess.Anyone => true,
        _ => false,
    };

    private static IEnumerable<ImapEffect> Open(ImapSession session, AuthorizedUrl url, UrlSource source)
    {
        AccountId? owner = null;
        if (!session.IsUser(url.Url.User))
        {
            if (!EmailAddress.TryParse(url.Url.User, out var login)) yield break;
            yield return new ImapEffect.FindAccount(login);
            owner = session.FoundAccount;
            if (owner is null)
            {
                source.IsUnavailable = session.IsDirectoryUnavailable;
                yield break;
            }
        }

        foreach (var effect in source.OpenAuthorized(session, owner, url)) yield return effect;
    }

    private static void WriteBeginning(ImapSession session, string url, UrlSource source)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* URLFETCH "u8);
        writer.UnicodeString(url);
        writer.Write((byte)' ');
        if (source.Found is not { } found) writer.Write("NIL"u8);
        else if (found.Octets is { } octets) writer.Literal(octets.Span);
        else writer.LiteralHeader(found.Range.Count);
        writer.Commit();
    }

    private static void WriteEnd(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.EndLine();
        writer.Commit();
    }
}

using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Urls;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// URLFETCH (RFC 4467 §7, RFC 5524): what signed URLs name, also in the mailboxes of other users of this server; NIL for a URL that is not valid, whatever the reason.
/// </summary>
internal sealed record UrlFetchCommand(IReadOnlyList<UrlRequest> Urls) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        var urls = new List<UrlRequest>();
        do
        {
            if (!reader.ReadSpace() || UrlRequest.Read(ref reader) is not { } url) return null;
            urls.Add(url);
        }
        while (!reader.AtEnd);
        return new UrlFetchCommand(urls);
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Urls.Any(static url => url.Items.Count > 0) && session.IsDisabled(Capabilities.UrlAuthBinary))
        {
            session.Refuse(ImapError.Syntax);
            yield break;
        }

        using var source = new UrlSource();
        foreach (var request in Urls)
        {
            source.Close();
            foreach (var effect in Open(session, request, source)) yield return effect;
            if (source.IsUnavailable)
            {
                session.Refuse(ImapError.Unavailable);
                yield break;
            }

            Write(session, "* URLFETCH "u8, request.Url);
            foreach (var effect in WriteItems(session, request.Items, source)) yield return effect;
            Write(session, "\r\n"u8);
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

    private static IEnumerable<ImapEffect> Open(ImapSession session, UrlRequest request, UrlSource source)
    {
        if (AuthorizedUrl.Parse(request.Url) is not { Token: not null } url || !IsAllowed(session, url)) yield break;
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

        foreach (var effect in source.OpenAuthorized(session, owner, url, request.Items.Contains(UrlItem.Binary), request.Items.Contains(UrlItem.BodyPartStructure))) yield return effect;
    }

    private static IEnumerable<ImapEffect> WriteItems(ImapSession session, IReadOnlyList<UrlItem> items, UrlSource source)
    {
        if (items.Count == 0 || (source.Found is null && !source.HasUnknownEncoding))
        {
            Write(session, " "u8);
            foreach (var effect in WriteOctets(session, source)) yield return effect;
            yield break;
        }

        foreach (var item in items)
        {
            Write(session, item switch { UrlItem.Binary => " (BINARY "u8, UrlItem.Body => " (BODY "u8, _ => " (BODYPARTSTRUCTURE "u8 });
            if (item != UrlItem.BodyPartStructure)
                foreach (var effect in WriteOctets(session, source)) yield return effect;
            else if (source.Structure is { } structure) Write(session, structure.Span);
            else Write(session, "NIL"u8);
            Write(session, ")"u8);
        }
    }

    private static IEnumerable<ImapEffect> WriteOctets(ImapSession session, UrlSource source)
    {
        BeginOctets(session, source);
        if (source.Found is { Octets: null, Content: { } content } found) yield return new ImapEffect.SendContent(content, found.Range.Offset, found.Range.Count);
    }

    private static void BeginOctets(ImapSession session, UrlSource source)
    {
        var writer = new ImapWriter(session.Output);
        if (source.Found is not { } found)
        {
            writer.Write("NIL"u8);
        }
        else
        {
            // RFC 5524 §3.2: literal8 if there is NUL.
            if (found.IsBinary) writer.Write((byte)'~');
            if (found.Octets is { } octets) writer.Literal(octets.Span);
            else writer.LiteralHeader(found.Range.Count);
        }

        writer.Commit();
    }

    private static void Write(ImapSession session, ReadOnlySpan<byte> text, string? url = null)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write(text);
        if (url is not null) writer.UnicodeString(url);
        writer.Commit();
    }
}

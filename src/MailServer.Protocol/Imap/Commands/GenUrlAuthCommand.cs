using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Urls;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>GENURLAUTH (RFC 4467 §7): signs URLs of the user's messages, all or none.</summary>
internal sealed record GenUrlAuthCommand(IReadOnlyList<string> Urls, bool IsInternal) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        var urls = new List<string>();
        var isInternal = true;
        do
        {
            if (!reader.ReadSpace() || !reader.ReadAString(out var url) || !reader.ReadSpace() || !reader.ReadAtom(out var mechanism)) return null;
            urls.Add(Encoding.UTF8.GetString(url));
            isInternal &= Ascii.EqualsIgnoreCase(mechanism, "INTERNAL"u8);
        }
        while (!reader.AtEnd);
        return new GenUrlAuthCommand(urls, isInternal);
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (!IsInternal)
        {
            session.Refuse(ImapError.UnknownUrlMechanism);
            yield break;
        }

        var signed = new List<string>();
        foreach (var text in Urls)
        {
            // RFC 4467 §7: the client must name itself as the user, and a message and an access.
            if (AuthorizedUrl.Parse(text) is not { Token: null } url || !session.IsUser(url.Url.User))
            {
                session.Refuse(ImapError.UrlNotSigned);
                yield break;
            }

            yield return ImapSession.Request(new MailboxRequest.SignUrl(url.Url.Folder, url.Rump));
            if (session.Reply is not MailboxReply.UrlSigned { Token: var token })
            {
                if (session.Reply is MailboxReply.Refused { Reason: MailboxRefusal.NoSuchFolder }) session.Refuse(ImapError.UrlNotSigned);
                else session.RefuseWithMailboxReply();
                yield break;
            }

            signed.Add($"{url.Rump}:internal:{token}");
        }

        Write(session, signed);
        session.Ok("GENURLAUTH completed");
    }

    private static void Write(ImapSession session, List<string> signed)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* GENURLAUTH"u8);
        foreach (var url in signed)
        {
            writer.Write((byte)' ');
            writer.Quoted(url);
        }

        writer.EndLine();
        writer.Commit();
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>UNAUTHENTICATE (RFC 8437): the connection is as before the sign-in, so that a proxy can use it for another user. TLS and compression remain.</summary>
internal sealed record UnauthenticateCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new UnauthenticateCommand();

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var (hadFolder, watched) = (session.View is not null, session.WatchesFolders);
        session.View = null;
        // If the mailbox cannot be reached, it forgets the session when that ends.
        if (hadFolder) yield return ImapSession.Request(new MailboxRequest.Unselect());
        if (watched) yield return ImapSession.Request(new MailboxRequest.Watch(false));
        session.SignOut();
        session.Ok("Signed out", Capabilities.Text(session));
    }
}

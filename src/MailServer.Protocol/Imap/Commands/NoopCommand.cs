using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>NOOP and CHECK (RFC 3501 §6.1.2, §6.4.1): looks for files that other tools have added to the Maildir, then reports all pending changes.</summary>
internal sealed record NoopCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new NoopCommand();

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        // The answer is ignored: new messages arrive as a change notification, and a failed scan is no reason to fail NOOP.
        if (session.View is { } view) yield return ImapSession.Request(new MailboxRequest.Poll(view.Id));
        session.Ok($"{Name} completed");
    }
}

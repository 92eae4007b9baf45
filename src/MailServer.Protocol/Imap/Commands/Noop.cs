using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>NOOP and CHECK (RFC 3501 §6.1.2, §6.4.1): look whether other tools have dropped files, then tell all that is new.</summary>
internal sealed record Noop : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new Noop();

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        // The answer does not matter: what was found comes as a change, and a failure is no reason to fail a NOOP.
        if (session.View is { } view) yield return ImapSession.Ask(new MailboxRequest.Poll(view.Id));
        session.Ok($"{Name} completed");
    }
}

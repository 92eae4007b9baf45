using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>CLOSE (RFC 3501 §6.4.2) expunges without EXPUNGE responses and deselects the folder; UNSELECT (RFC 3691) only deselects it.</summary>
internal sealed record CloseCommand(bool Expunges) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new CloseCommand(Expunges: true);

    public static ImapCommand? ReadUnselect(ref ImapReader reader) => new CloseCommand(Expunges: false);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Expunges && !session.Folder.IsReadOnly)
        {
            yield return ImapSession.Request(new MailboxRequest.Expunge(session.Folder.Id, null));
            // RFC 4314 §4: without the right to expunge, the folder is closed as if there was nothing to do.
            if (session.Reply is not (MailboxReply.Expunged or MailboxReply.Refused { Reason: MailboxRefusal.NoPermission }))
            {
                session.RefuseWithMailboxReply();
                yield break;
            }
        }

        session.View = null;
        yield return ImapSession.Request(new MailboxRequest.Unselect());
        session.Ok($"{Name} completed");
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>DELETE (RFC 3501 §6.3.4). If the folder is selected in this session, the session deselects it first.</summary>
internal sealed record DeleteCommand(FolderName? Folder) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && reader.ReadMailbox(out var folder) ? new DeleteCommand(folder) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.Refuse(ImapError.NoSuchFolder);
            yield break;
        }

        if (session.SelectedFolder == folder)
        {
            yield return ImapSession.Request(new MailboxRequest.Unselect());
            session.View = null;
        }

        yield return ImapSession.Request(new MailboxRequest.DeleteFolder(folder));
        session.Conclude("DELETE completed");
    }
}

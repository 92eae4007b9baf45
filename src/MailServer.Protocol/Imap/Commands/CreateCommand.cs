using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>CREATE (RFC 3501 §6.3.3): creates a folder and its missing parents.</summary>
internal sealed record CreateCommand(FolderName? Folder) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && reader.ReadMailbox(out var folder) ? new CreateCommand(folder) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.Refuse(ImapError.BadFolderName);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.CreateFolder(folder));
        session.Conclude("CREATE completed");
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Listing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>CREATE (RFC 3501 §6.3.3): creates a folder and its missing parents, with a special use if wanted (RFC 6154 §3). The role is null when it is not possible.</summary>
internal sealed record CreateCommand(FolderName? Folder, FolderRole? Role) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!reader.ReadSpace() || !reader.ReadMailbox(out var folder)) return null;
        if (!reader.ReadSpace()) return new CreateCommand(folder, FolderRole.None);
        return reader.TryRead((byte)'(') && SpecialUse.Read(ref reader, out var role) && reader.TryRead((byte)')') ? new CreateCommand(folder, role) : null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder || Role is not { } role)
        {
            session.Refuse(Folder is null ? ImapError.BadFolderName : ImapError.SpecialUseNotPossible);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.CreateFolder(folder, role));
        session.Conclude("CREATE completed");
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Listing;
using MailServer.Protocol.Imap.Names;
using MailServer.Protocol.Imap.Writing;

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

        var supplied = folder.Value;
        if (session.Enabled.Utf8Names && FolderName.TryParse(FolderNameText.Normalize(supplied), out var normalized)) folder = normalized;
        yield return ImapSession.Request(new MailboxRequest.CreateFolder(folder, role));
        session.Conclude("CREATE completed");
        if (session.IsRefused) yield break;
        if (session.Enabled.Rev2 && supplied != folder.Value)
            foreach (var effect in FolderAnnouncement.Write(session, folder, supplied)) yield return effect;
        // RFC 8474 §4.1
        yield return ImapSession.Request(new MailboxRequest.GetStatus(folder));
        if (session.Reply is MailboxReply.Status { Folder: var status }) session.Ok("CREATE completed", $"MAILBOXID ({ObjectIds.Of(status.Id, status.UidValidity, folder)})");
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Listing;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>STATUS (RFC 3501 §6.3.10).</summary>
internal sealed record FolderStatusCommand(FolderName? Folder, IReadOnlyList<StatusItem> Items) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && reader.ReadMailbox(out var folder) && reader.ReadSpace() && StatusItems.Read(ref reader, out var items) ? new FolderStatusCommand(folder, items) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.Refuse(ImapError.NoSuchFolder);
            yield break;
        }

        yield return ImapSession.Request(StatusItems.Request(folder, Items));
        if (session.Reply is not MailboxReply.Status { Folder: var status })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        Write(session, folder, status);
        session.Ok("STATUS completed");
    }

    private void Write(ImapSession session, FolderName folder, FolderStatus status)
    {
        var writer = new ImapWriter(session.Output);
        StatusItems.Write(ref writer, folder, status, Items, session.Limits.MaxMessageSize, session.Enabled.Utf8Names);
        writer.Commit();
    }
}

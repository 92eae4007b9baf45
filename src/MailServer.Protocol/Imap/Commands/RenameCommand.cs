using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>RENAME (RFC 3501 §6.3.5).</summary>
internal sealed record RenameCommand(FolderName? From, FolderName? To) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && reader.ReadMailbox(out var from) && reader.ReadSpace() && reader.ReadMailbox(out var to) ? new RenameCommand(from, to) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (From is { } from && To is { } to)
        {
            if (session.Enabled.Utf8Names && FolderName.TryParse(FolderNameText.Normalize(to.Value), out var normalized)) to = normalized;
            yield return ImapSession.Request(new MailboxRequest.RenameFolder(from, to));
            session.Conclude("RENAME completed");
            // INBOX remains, and only its messages are elsewhere.
            if (session.IsRefused || !session.Enabled.Rev2 || from.IsInbox) yield break;
            foreach (var effect in FolderAnnouncement.Write(session, to, from.Value)) yield return effect;
        }
        else
        {
            session.Refuse(From is null ? ImapError.NoSuchFolder : ImapError.BadFolderName);
        }
    }
}

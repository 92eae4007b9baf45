using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Listing;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>LIST responses for one folder that IMAP4rev2 requires or recommends outside of LIST (RFC 9051 §6.3.2, §6.3.9.7).</summary>
internal static class FolderAnnouncement
{
    /// <summary>Writes the folder with its attributes, and its old name if there is one; nothing if the mailbox refuses.</summary>
    public static IEnumerable<ImapEffect> Write(ImapSession session, FolderName folder, string? oldName)
    {
        yield return ImapSession.Request(new MailboxRequest.ListFolders());
        if (session.Reply is not MailboxReply.Folders folders) yield break;
        var options = new ListOptions();
        if (new FolderHierarchy(folders, options).Find(folder) is not { } listed) yield break;
        var writer = new ImapWriter(session.Output);
        listed.Write(ref writer, options, session.Enabled, oldName == folder.Value ? null : oldName);
        writer.Commit();
    }
}

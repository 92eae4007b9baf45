using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>RESETKEY (RFC 4467 §7): all URLs that were signed for a folder, or for all folders, become invalid. Mechanisms other than INTERNAL are ignored, since there are none.</summary>
internal sealed record ResetKeyCommand(FolderName? Folder, bool IsForAll) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (reader.AtEnd) return new ResetKeyCommand(null, true);
        if (!reader.ReadSpace() || !reader.ReadMailbox(out var folder)) return null;
        while (reader.ReadSpace())
            if (!reader.ReadAtom(out _)) return null;
        return new ResetKeyCommand(folder, false);
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is null && !IsForAll)
        {
            session.Refuse(ImapError.NoSuchFolder);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.ResetUrlKeys(Folder));
        if (session.Reply is MailboxReply.Done) session.Ok("RESETKEY completed", IsForAll ? null : "URLMECH INTERNAL");
        else session.RefuseWithMailboxReply();
    }
}

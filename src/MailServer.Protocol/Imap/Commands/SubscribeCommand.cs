using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>SUBSCRIBE and UNSUBSCRIBE (RFC 3501 §6.3.6, §6.3.7). A subscription is only a name; the folder need not exist.</summary>
internal sealed record SubscribeCommand(FolderName? Folder, bool Subscribed) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, subscribed: true);

    public static ImapCommand? ReadUnsubscribe(ref ImapReader reader) => Read(ref reader, subscribed: false);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.Refuse(ImapError.BadFolderName);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.Subscribe(folder, Subscribed));
        session.Conclude($"{Name} completed");
    }

    private static SubscribeCommand? Read(ref ImapReader reader, bool subscribed) =>
        reader.ReadSpace() && reader.ReadMailbox(out var folder) ? new SubscribeCommand(folder, subscribed) : null;
}

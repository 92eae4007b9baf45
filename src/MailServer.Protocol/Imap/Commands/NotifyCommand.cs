using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Notifying;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>NOTIFY (RFC 5465): from then on the client is told what it asks for at any time, and nothing else.</summary>
internal sealed record NotifyCommand(NotifyRequest Request) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && NotifyRequestReader.Read(ref reader) is { } request ? new NotifyCommand(request) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Request.HasUnknownEvent || Request.IsTooComplex)
        {
            session.Refuse(Request.HasUnknownEvent ? ImapError.UnknownEvent : ImapError.TooManyNotifications);
            yield break;
        }

        MailboxReply.Watched? watched = null;
        if (Request.WatchesFolders || session.WatchesFolders)
        {
            yield return ImapSession.Request(new MailboxRequest.Watch(Request.WatchesFolders));
            watched = session.Reply as MailboxReply.Watched;
            if (watched is null)
            {
                session.RefuseWithMailboxReply();
                yield break;
            }
        }

        // RFC 5465 §3.1: what has accumulated is told first, whatever the client wants to hear of later.
        foreach (var effect in session.BeginNotify(Request, Request.WatchesFolders ? watched : null)) yield return effect;
        session.Ok("NOTIFY completed");
    }
}

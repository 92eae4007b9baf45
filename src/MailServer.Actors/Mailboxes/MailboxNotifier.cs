using Akka.Actor;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;

namespace MailServer.Actors.Mailboxes;

/// <summary>Sends changes of folders to the sessions that watch them.</summary>
internal sealed class MailboxNotifier(RecoverableMailbox mailbox, FolderWatchers watchers)
{
    /// <summary>Notifies all watchers of the folder. New messages are <c>\Recent</c> in one session that can change the folder, or else in all that cannot (RFC 3501 §2.3.2).</summary>
    public void Notify(MailboxChanged change)
    {
        var first = change.Recent is null ? null : watchers.FirstReadWrite(change.Folder);
        if (first is not null) mailbox.Store.ClaimRecent(change.Folder);
        foreach (var session in watchers.Of(change.Folder)) Push(session, first is null || session.Equals(first) ? change : change with { Recent = null });
    }

    /// <summary>Notifies all watchers except the requester, who gets the change in its reply.</summary>
    public void NotifyOthers(MailboxChanged change, IActorRef requester)
    {
        foreach (var session in watchers.Of(change.Folder))
            if (!session.Equals(requester)) Push(session, change);
    }

    private void Push(IActorRef session, MailboxChanged change)
    {
        session.Tell(change);
        ServerMetrics.MailboxNotifications.Add(1);
        mailbox.Log.Notified(session.Path.Name, change.HighestModSeq);
    }
}

using Akka.Actor;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>Sends changes of folders to the sessions that watch them.</summary>
internal sealed class MailboxNotifier(RecoverableMailbox mailbox, FolderWatchers watchers)
{
    private (MailboxStore Store, int Version)? _toldFolders;

    /// <summary>Notifies all watchers of the folder. New messages are <c>\Recent</c> in one session that can change the folder, or else in all that cannot (RFC 3501 §2.3.2).</summary>
    /// <param name="change">The change.</param>
    /// <param name="requester">The session that has caused it; null if none or several have.</param>
    public void Notify(MailboxChanged change, IActorRef? requester = null)
    {
        var first = change.Recent is null ? null : watchers.FirstReadWrite(change.Folder);
        if (first is not null) mailbox.Store.ClaimRecent(change.Folder);
        foreach (var session in watchers.Of(change.Folder)) Push(session, first is null || session.Equals(first) ? change : change with { Recent = null });
        NotifyOfAll(change, requester);
    }

    /// <summary>Notifies all watchers except the requester, who gets the change in its reply.</summary>
    public void NotifyOthers(MailboxChanged change, IActorRef requester)
    {
        foreach (var session in watchers.Of(change.Folder))
            if (!session.Equals(requester)) Push(session, change);
        NotifyOfAll(change, requester);
    }

    /// <summary>Sends the list of folders to those that watch all, if it may have changed since the last time. Must be called after every turn.</summary>
    public void NotifyOfFolders(IActorRef? requester)
    {
        if (!mailbox.IsOpen) return;
        var current = (mailbox.Store, mailbox.Store.FoldersVersion);
        if (_toldFolders is { } told && ReferenceEquals(told.Store, current.Store) && told.Version == current.FoldersVersion) return;
        _toldFolders = current;
        if (watchers.OfAll.Count == 0) return;
        var folders = mailbox.Store.Folders();
        foreach (var session in watchers.OfAll) Push(session, new AccountChanged(null, folders, session.Equals(requester)));
    }

    /// <summary>Notifies those that watch all folders.</summary>
    public void NotifyOfAnnotations(AnnotationsChanged changed, IActorRef requester)
    {
        foreach (var session in watchers.OfAll) Push(session, new AccountChanged(null, null, session.Equals(requester), changed));
    }

    // The list of folders comes first, because it names the folder.
    private void NotifyOfAll(MailboxChanged change, IActorRef? requester)
    {
        if (watchers.OfAll.Count == 0) return;
        NotifyOfFolders(requester);
        if (change.FolderRemoved || mailbox.Store.Overview(change.Folder) is not { } status) return;
        foreach (var session in watchers.OfAll) Push(session, new AccountChanged(status, null, session.Equals(requester)));
    }

    private static void Push(IActorRef session, AccountChanged change)
    {
        session.Tell(change);
        ServerMetrics.MailboxNotifications.Add(1);
    }

    private void Push(IActorRef session, MailboxChanged change)
    {
        session.Tell(change);
        ServerMetrics.MailboxNotifications.Add(1);
        mailbox.Log.Notified(session.Path.Name, change.HighestModSeq);
    }
}

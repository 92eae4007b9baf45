using Akka.Actor;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>Sends changes of folders to the sessions that watch them.</summary>
internal sealed class MailboxNotifier(RecoverableMailbox mailbox, FolderWatchers watchers)
{
    private readonly Dictionary<FolderId, long> _toldStatus = [];
    private (MailboxStore Store, int Version)? _toldFolders;

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

    /// <summary>Remembers the state of all folders, when the first session begins to watch them.</summary>
    public void Remember()
    {
        _toldStatus.Clear();
        mailbox.Store.OverviewSince(_toldStatus);
    }

    /// <summary>
    /// Tells those that watch all folders what has changed in any of them since the last time; the list of folders comes first, because it names them. Must be called
    /// after every turn: most changes of folders that nobody has selected have no <see cref="MailboxChanged"/>.
    /// </summary>
    /// <param name="requester">The session that has caused the changes; null if none or several have.</param>
    public void NotifyOfAll(IActorRef? requester)
    {
        if (!mailbox.IsOpen) return;
        var current = (mailbox.Store, mailbox.Store.FoldersVersion);
        var isKnown = _toldFolders is { } told && ReferenceEquals(told.Store, current.Store) && told.Version == current.FoldersVersion;
        _toldFolders = current;
        if (watchers.OfAll.Count == 0) return;
        if (!isKnown) Push(new AccountChanged(null, mailbox.Store.Folders(), IsOwn: false), requester);
        foreach (var status in mailbox.Store.OverviewSince(_toldStatus)) Push(new AccountChanged(status, null, IsOwn: false), requester);
    }

    /// <summary>Notifies those that watch all folders.</summary>
    public void NotifyOfAnnotations(AnnotationsChanged changed, IActorRef requester) => Push(new AccountChanged(null, null, IsOwn: false, changed), requester);

    private void Push(AccountChanged change, IActorRef? requester)
    {
        foreach (var session in watchers.OfAll)
        {
            session.Tell(session.Equals(requester) ? change with { IsOwn = true } : change);
            ServerMetrics.MailboxNotifications.Add(1);
        }
    }

    private void Push(IActorRef session, MailboxChanged change)
    {
        session.Tell(change);
        ServerMetrics.MailboxNotifications.Add(1);
        mailbox.Log.Notified(session.Path.Name, change.HighestModSeq);
    }
}

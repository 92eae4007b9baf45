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

    /// <summary>Notifies all watchers except the requester of flags that a guest has changed. What only the guest sees, only its other sessions are told.</summary>
    public void NotifyOfGuest(GuestStored stored, MailboxGuest guest, IActorRef requester)
    {
        var others = stored.Quiet.Count == 0 ? stored.Change : stored.Change with { FlagsChanged = [.. stored.Change.FlagsChanged.Where(c => !stored.Quiet.Contains(c.Uid.Value))] };
        foreach (var session in watchers.Of(stored.Change.Folder))
        {
            if (session.Equals(requester)) continue;
            var change = watchers.GuestOf(session) == guest ? stored.Change : others;
            if (change.FlagsChanged.Count > 0) Push(session, change);
        }
    }

    /// <summary>Tells a session that the folder that it has selected is gone for it.</summary>
    public void NotifyOfEnd(FolderId folder, IActorRef session) => Push(session, new MailboxChanged(folder, default, UidList.Empty, [], FolderRemoved: true));

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
        session.Tell(watchers.GuestOf(session) is { } guest ? mailbox.Store.As(guest).Show(change) : change);
        ServerMetrics.MailboxNotifications.Add(1);
        mailbox.Log.Notified(session.Path.Name, change.HighestModSeq);
    }
}

using Akka.Actor;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>Selects folders for sessions, and unselects them when a session asks for it, selects another one or ends; and lets sessions watch all folders.</summary>
internal sealed class FolderSelections(RecoverableMailbox mailbox, FolderWatchers watchers, MailboxNotifier notifier, RunningSearches searches, ICanWatch context)
{
    public MailboxReply Select(MailboxRequest.Select request, IActorRef session)
    {
        Remove(session);
        var outcome = mailbox.Store.Select(request.Name, request.ReadOnly);
        if (outcome.Refusal is { } reason) return new MailboxReply.Refused(reason);
        var (folder, change) = outcome.Value;
        if (change is not null) notifier.Notify(request.ReadOnly ? change : change with { Recent = null });
        if (request.ReadOnly && watchers.FirstReadWrite(folder.Id) is not null) folder = folder with { FirstRecent = null };
        watchers.Add(context.Watch(session), folder.Id, request.ReadOnly);
        return new MailboxReply.Selected(folder);
    }

    /// <summary>Selects a folder for a guest, who never takes <c>\Recent</c> from the owner.</summary>
    public MailboxReply Select(MailboxRequest.Select request, IActorRef session, MailboxGuest guest)
    {
        Remove(session);
        var outcome = mailbox.Store.Select(request.Name, readOnly: true);
        if (outcome.Refusal is { } reason) return new MailboxReply.Refused(reason);
        var (folder, change) = outcome.Value;
        if (change is not null) notifier.Notify(change);
        watchers.Add(context.Watch(session), folder.Id, readOnly: true, guest);
        return new MailboxReply.Selected(folder);
    }

    /// <summary>Ends the selections of a folder whose sessions may no longer read it.</summary>
    public void EndUnreadable(FolderId folder)
    {
        foreach (var session in watchers.Of(folder).ToList())
        {
            if (watchers.GuestOf(session) is not { } guest || mailbox.Store.Grants.RightsOf(folder, guest).HasFlag(FolderRights.Read)) continue;
            searches.Refuse(session);
            notifier.NotifyOfEnd(folder, session);
            Remove(session);
        }
    }

    public MailboxReply Unselect(IActorRef session)
    {
        Remove(session);
        return MailboxReply.Done.Instance;
    }

    public MailboxReply Watch(bool isOn, IActorRef session)
    {
        // A session that is refused watches nothing.
        var reply = new MailboxReply.Watched(mailbox.Store.Folders(), isOn ? mailbox.Store.Overview() : []);
        if (isOn && watchers.OfAll.Count == 0) notifier.Remember();
        if (isOn) watchers.AddToAll(context.Watch(session));
        else if (watchers.RemoveFromAll(session)) Forget(session);
        return reply;
    }

    /// <summary>Called when a session has ended.</summary>
    public void OnEnded(IActorRef session)
    {
        watchers.Remove(session);
        watchers.RemoveFromAll(session);
    }

    private void Remove(IActorRef session)
    {
        if (watchers.Remove(session)) Forget(session);
    }

    private void Forget(IActorRef session)
    {
        if (!watchers.Contains(session)) context.Unwatch(session);
    }
}

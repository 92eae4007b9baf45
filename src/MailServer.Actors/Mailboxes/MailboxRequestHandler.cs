using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Actors.Filtering;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// Performs the requests of sessions and services, except for new messages (<see cref="StagedMessages"/>): changes the store, replies, then notifies the
/// other watchers of the folder. When the disk fails, the request is refused as unavailable, and the store is unchanged.
/// </summary>
internal sealed class MailboxRequestHandler(
    RecoverableMailbox mailbox, QuotaTracker quota, MailboxNotifier notifier, FolderSelections selections, FolderSharing sharing, RunningSearches searches, ForeignFileScan scan, AccountScripts? scripts, IActorRef self)
{
    private readonly GuestRequests _guests = new(mailbox, notifier, selections);

    private MailboxStore Store => mailbox.Store;

    public void Handle(MailboxRequest request, RequestOrigin client) => Handle(request, client, canRetry: true);

    /// <summary>Performs a request of another account, if it has the rights.</summary>
    public void Handle(MailboxRequest request, RequestOrigin client, MailboxGuest guest) => Handle(request, _guests.Receive(request, client, guest), canRetry: true);

    /// <summary>Changes rights when the directory has noted the share. Whoever asked may have lost its own right meanwhile.</summary>
    public void Handle(ShareNoted noted)
    {
        if (noted.Failure is { } failure)
        {
            mailbox.Log.Failed(failure, nameof(MailboxRequest.SetGrant));
            noted.Client.Reply(new MailboxReply.Refused(MailboxRefusal.Unavailable), self);
            return;
        }

        try
        {
            var refusal = noted.Client.Guest is { } guest ? GuestRules.Refusal(Store.Grants, guest, noted.Set) : null;
            noted.Client.Reply(refusal is { } reason ? new MailboxReply.Refused(reason) : sharing.Apply(noted.Set), self);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            mailbox.Recover(e, nameof(MailboxRequest.SetGrant));
            noted.Client.Reply(new MailboxReply.Refused(MailboxRefusal.Unavailable), self);
        }
    }

    private void Handle(MailboxRequest request, RequestOrigin client, bool canRetry)
    {
        try
        {
            if (Perform(request, client) is { } reply) client.Reply(reply, self);
        }
        catch (UnreadableMessageException e)
        {
            mailbox.Log.Failed(e, request.GetType().Name);
            client.Reply(new MailboxReply.ContentUnreadable([e.Uid]), self);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            if (mailbox.Recover(e, request.GetType().Name) && canRetry) Handle(request, client, canRetry: false);
            else client.Reply(new MailboxReply.Refused(MailboxRefusal.Unavailable), self);
        }
    }

    /// <summary>Returns the reply, or null when it follows later or was already sent.</summary>
    private MailboxReply? Perform(MailboxRequest request, RequestOrigin client)
    {
        if (client.Guest is not { } guest) return PerformOwn(request, client);
        if (GuestRules.Refusal(Store.Grants, guest, request) is { } refusal) return new MailboxReply.Refused(refusal);
        return _guests.TryPerform(request, client, guest, out var reply) ? reply : PerformOwn(_guests.Translate(request, guest), client);
    }

    private MailboxReply? PerformOwn(MailboxRequest request, RequestOrigin client) => request switch
    {
        MailboxRequest.Fetch fetch => Fetch(fetch, client),
        MailboxRequest.Store store => ReplyThenNotify(Store.Store(store.Folder, store.Uids.Span, store.Operation, store.Flags), static change => new MailboxReply.Stored(change), client),
        MailboxRequest.StoreUnchanged store => Reply(
            Store.StoreUnchanged(store.Folder, store.Uids.Span, store.Operation, store.Flags, store.UnchangedSince), stored => ReplyThenNotify(stored, stored.Change, client)),
        MailboxRequest.GetHighestModSeq get => Reply(Store.HighestModSeq(get.Folder, get.Uids), static highest => new MailboxReply.HighestModSeq(highest)),
        MailboxRequest.ListChanges list => Reply(Store.ListChanges(list.Folder, list.Since, list.Within), static changes => changes),
        MailboxRequest.Search search => searches.Begin(Store.Search(search.Folder, search.Criteria), client),
        MailboxRequest.Sort sort => searches.Begin(Store.Sort(sort.Folder, sort.Criteria, sort.Order), client),
        MailboxRequest.Thread thread => searches.Begin(Store.Thread(thread.Folder, thread.Criteria, thread.Algorithm), client),
        MailboxRequest.Select select => selections.Select(select, client.Actor),
        MailboxRequest.Unselect => selections.Unselect(client.Actor),
        MailboxRequest.Watch watch => selections.Watch(watch.IsOn, client.Actor),
        MailboxRequest.Poll poll => Poll(poll.Folder),
        MailboxRequest.GetStatus status => Reply(Store.Status(status.Name, status.WithDeletedSize), static found => new MailboxReply.Status(found)),
        MailboxRequest.Expunge expunge => ReplyThenNotify(Store.Expunge(expunge.Folder, expunge.Within), static change => new MailboxReply.Expunged(change), client),
        MailboxRequest.Copy copy => Copy(copy, client),
        MailboxRequest.AppendAll append => AppendAll(append, client),
        MailboxRequest.Replace replace => Replace(replace, client),
        MailboxRequest.ListFolders => Store.Folders(),
        MailboxRequest.GetQuota get => GetQuota(get.Folder),
        MailboxRequest.CreateFolder create => Reply(Store.CreateFolder(create.Name, create.Role)),
        MailboxRequest.DeleteFolder delete => Reply(Store.DeleteFolder(delete.Name), change => DoneThenNotify([change], client)),
        MailboxRequest.RenameFolder rename => Reply(Store.RenameFolder(rename.From, rename.To), changes => DoneThenNotify(changes, client)),
        MailboxRequest.Subscribe subscribe => Reply(Store.Subscribe(subscribe.Name, subscribe.Subscribed)),
        MailboxRequest.GetAnnotations get => Reply(Store.Annotations.Find(get.Folder, get.Names, get.Depth), static found => new MailboxReply.Annotations(found)),
        MailboxRequest.SetAnnotations set => SetAnnotations(set, client),
        MailboxRequest.SignUrl sign => Reply(Store.Annotations.UrlKeys.Sign(sign.Folder, sign.Url), static token => new MailboxReply.UrlSigned(token)),
        MailboxRequest.VerifyUrl verify => Reply(Store.Annotations.UrlKeys.Verify(verify.Folder, verify.Url, verify.Token, verify.Expiry), static found => new MailboxReply.UrlVerified(found.Folder, found.Validity)),
        MailboxRequest.ResetUrlKeys reset => Reply(Store.Annotations.UrlKeys.Reset(reset.Folder)),
        MailboxRequest.GetRights get => Store.HasFolder(get.Folder) ? new MailboxReply.Rights(FolderRights.All) : new MailboxReply.Refused(MailboxRefusal.NoSuchFolder),
        MailboxRequest.GetGrants get => Store.Grants.Find(get.Folder) is { } grants ? new MailboxReply.Grants(grants) : new MailboxReply.Refused(MailboxRefusal.NoSuchFolder),
        MailboxRequest.SetGrant set => sharing.Set(set, client),
        MailboxRequest.Export export => Reply(Store.Export(export.Folder, export.Uids.Span), static exported => exported),
        MailboxRequest.RemoveMessages remove => ReplyThenNotify(Store.Remove(remove.Folder, remove.Uids), static change => new MailboxReply.Expunged(change), client),
        MailboxRequest.Check check => Store.Check(check.Repair),
        MailboxRequest.MakeCopy make => new MailboxReply.CopyMade(Store.Copy(make.Directory, make.Known)),
        MailboxRequest.ListScripts or MailboxRequest.ReadScript or MailboxRequest.PutScript or MailboxRequest.DeleteScript or MailboxRequest.RenameScript or MailboxRequest.ActivateScript
            or MailboxRequest.TestScript or MailboxRequest.RunScript
            => scripts?.Perform(request) ?? new MailboxReply.Refused(MailboxRefusal.Unavailable),
        _ => throw new InvalidOperationException($"unknown request {request.GetType().Name}"),
    };

    private static MailboxReply Reply(MailboxRefusal? refusal) =>
        refusal is { } reason ? new MailboxReply.Refused(reason) : MailboxReply.Done.Instance;

    private static MailboxReply? Reply<T>(MailboxResult<T> outcome, Func<T, MailboxReply?> reply) =>
        outcome.Refusal is { } reason ? new MailboxReply.Refused(reason) : reply(outcome.Value);

    /// <summary>Replies with the change, and notifies the other watchers.</summary>
    private MailboxReply? ReplyThenNotify(MailboxResult<MailboxChanged> outcome, Func<MailboxChanged, MailboxReply> reply, RequestOrigin client) =>
        Reply(outcome, change => ReplyThenNotify(reply(change), change, client));

    private MailboxReply? ReplyThenNotify(MailboxReply reply, MailboxChanged change, RequestOrigin client)
    {
        client.Reply(reply, self);
        notifier.NotifyOthers(change, client.Actor);
        return null;
    }

    /// <summary>Replies, and notifies all watchers including the requester.</summary>
    private MailboxReply? DoneThenNotify(IReadOnlyList<MailboxChanged> changes, RequestOrigin client)
    {
        client.Reply(MailboxReply.Done.Instance, self);
        foreach (var change in changes) notifier.Notify(change);
        return null;
    }

    private MailboxReply? Fetch(MailboxRequest.Fetch request, RequestOrigin client) => Reply(Store.Fetch(request), fetched =>
    {
        client.Reply(fetched.Unreadable.Count == 0 ? new MailboxReply.Fetched(fetched.Rows) : new MailboxReply.PartiallyFetched(fetched.Rows, fetched.Unreadable), self);
        if (fetched.Change is { } change) notifier.NotifyOthers(change, client.Actor);
        return null;
    });

    private MailboxReply? Copy(MailboxRequest.Copy copy, RequestOrigin client)
    {
        quota.LookUp();
        var outcome = Store.Copy(copy.Folder, copy.Uids.Span, copy.Target, copy.Move, client.Guest is { } guest ? _guests.LimitOf(copy.Target, guest) : null);
        QuotaTracker.Count(outcome.Refusal, "copy");
        var reply = Reply(outcome, copied => ReplyToCopy(copied, client));
        quota.Warn();
        return reply;
    }

    /// <summary>The change of the target folder precedes the reply, since it may be the selected folder.</summary>
    private MailboxReply? ReplyToCopy(CopyOutcome copied, RequestOrigin client)
    {
        if (copied.TargetChange is { } target) notifier.Notify(target);
        client.Reply(copied.Reply, self);
        if (copied.Reply.Moved is { } moved) notifier.NotifyOthers(moved, client.Actor);
        return null;
    }

    private MailboxReply? AppendAll(MailboxRequest.AppendAll append, RequestOrigin client)
    {
        quota.LookUp();
        var outcome = Store.AppendAll(append.Folder, append.Messages);
        QuotaTracker.Count(outcome.Refusal, "append");
        var reply = Reply(outcome, appended =>
        {
            // As for one message: EXISTS, then OK (RFC 3501 §6.3.11).
            foreach (var change in appended.Changes) notifier.Notify(change);
            client.Reply(appended.Reply, self);
            return null;
        });
        quota.Warn();
        return reply;
    }

    /// <summary>Watchers see the new message before the old one vanishes.</summary>
    private MailboxReply? Replace(MailboxRequest.Replace replace, RequestOrigin client)
    {
        quota.LookUp();
        var outcome = Store.Replace(replace);
        QuotaTracker.Count(outcome.Refusal, "append");
        var reply = Reply(outcome, replaced =>
        {
            foreach (var change in replaced.Changes) notifier.Notify(change);
            return ReplyThenNotify(replaced.Reply, replaced.Reply.Change, client);
        });
        quota.Warn();
        return reply;
    }

    private MailboxReply SetAnnotations(MailboxRequest.SetAnnotations set, RequestOrigin client)
    {
        var refusal = Store.Annotations.Set(set.Folder, set.Changes);
        if (refusal is null) notifier.NotifyOfAnnotations(new AnnotationsChanged(set.Folder, [.. set.Changes.Select(static c => c.Name)]), client.Actor);
        return Reply(refusal);
    }

    private MailboxReply.Done Poll(FolderId folder)
    {
        scan.Run(folder);
        return MailboxReply.Done.Instance;
    }

    private MailboxReply GetQuota(FolderName? folder)
    {
        if (folder is { } name && !Store.HasFolder(name)) return new MailboxReply.Refused(MailboxRefusal.NoSuchFolder);
        quota.LookUp();
        return new MailboxReply.Quota(Store.Use);
    }
}

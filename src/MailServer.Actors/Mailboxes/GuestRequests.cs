using MailServer.Actors.Entities;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// What differs in the requests of guests: their own <c>\Seen</c>, flags within their rights, and no more of the mailbox in a reply than they may see. <see cref="GuestRules"/> has decided before that they may make
/// the request.
/// </summary>
internal sealed class GuestRequests(RecoverableMailbox mailbox, MailboxNotifier notifier, FolderSelections selections)
{
    private MailboxStore Store => mailbox.Store;

    /// <summary>The sender with replies prepared for it.</summary>
    public RequestOrigin Receive(MailboxRequest request, RequestOrigin client, MailboxGuest guest) =>
        client with { Guest = guest, Prepare = reply => Prepare(request, reply, client, guest) };

    /// <summary>The request as the owner would make it.</summary>
    public MailboxRequest Translate(MailboxRequest request, MailboxGuest guest) => request switch
    {
        MailboxRequest.Search search => search with { Criteria = Store.As(guest).Translate(search.Folder, search.Criteria) },
        MailboxRequest.Sort sort => sort with { Criteria = Store.As(guest).Translate(sort.Folder, sort.Criteria) },
        MailboxRequest.Thread thread => thread with { Criteria = Store.As(guest).Translate(thread.Folder, thread.Criteria) },
        MailboxRequest.AppendAll append => append with { Messages = [.. append.Messages.Select(m => Limited(m, append.Folder, guest))] },
        MailboxRequest.Append append => new MailboxRequest.AppendAll(append.Folder, [Limited(new NewMessage(append.Flags, append.InternalDate, append.Message), append.Folder, guest)]),
        MailboxRequest.Replace replace => replace with { Message = Limited(replace.Message, replace.Target, guest) },
        _ => request,
    };

    /// <summary>The flags that a copy into this folder has.</summary>
    public Func<MessageFlags, MessageFlags> LimitOf(FolderName target, MailboxGuest guest)
    {
        var rights = Store.Grants.RightsOf(target, guest);
        return flags => AccessRules.WithSeen(AccessRules.Permitted(flags, rights), flags.System.HasFlag(SystemFlags.Seen));
    }

    /// <summary>Performs a request that only guests make in this way; false for all others.</summary>
    /// <param name="request">The request.</param>
    /// <param name="client">The sender.</param>
    /// <param name="guest">Its account.</param>
    /// <param name="reply">The reply; null if it was sent.</param>
    public bool TryPerform(MailboxRequest request, RequestOrigin client, MailboxGuest guest, out MailboxReply? reply)
    {
        (var isPerformed, reply) = request switch
        {
            MailboxRequest.ListFolders => (true, (MailboxReply?)Store.As(guest).Folders()),
            MailboxRequest.Select select => (true, selections.Select(select, client.Actor, guest)),
            MailboxRequest.Fetch fetch => (true, Fetch(fetch, client, guest)),
            MailboxRequest.Store store => (true, Stored(Store.As(guest).Store(store.Folder, store.Uids.Span, store.Operation, store.Flags), inPart: false, client, guest)),
            MailboxRequest.StoreUnchanged store =>
                (true, Stored(Store.As(guest).Store(store.Folder, store.Uids.Span, store.Operation, store.Flags, store.UnchangedSince), inPart: true, client, guest)),
            // What the owner has noted for itself is not the guest's.
            MailboxRequest.SetAnnotations set when !set.Changes.All(IsShared) => (true, new MailboxReply.Refused(MailboxRefusal.NoPermission)),
            MailboxRequest.GetRights get => (true, new MailboxReply.Rights(Store.Grants.RightsOf(get.Folder, guest))),
            _ => (false, null),
        };
        return isPerformed;
    }

    private MailboxReply? Fetch(MailboxRequest.Fetch fetch, RequestOrigin client, MailboxGuest guest)
    {
        var outcome = Store.Fetch(fetch with { MarkSeen = false });
        if (outcome.Refusal is { } reason) return new MailboxReply.Refused(reason);
        var rows = outcome.Value.Rows;
        GuestStored? marked = null;
        try
        {
            if (fetch.MarkSeen) marked = Store.As(guest).MarkSeen(fetch.Folder, [.. rows.Select(static r => r.Uid.Value)]);
            if (marked is not null) rows = [.. rows.Select(r => marked.Quiet.Contains(r.Uid.Value) ? r with { FlagsChanged = true, ModSeq = marked.Change.HighestModSeq } : r)];
        }
        catch
        {
            foreach (var row in rows) row.Content?.Dispose();
            throw;
        }

        MailboxReply reply = outcome.Value.Unreadable.Count == 0 ? new MailboxReply.Fetched(rows) : new MailboxReply.PartiallyFetched(rows, outcome.Value.Unreadable);
        if (marked is not null) notifier.NotifyOfGuest(marked, guest, client.Actor);
        return reply;
    }

    private MailboxReply Stored(MailboxResult<GuestStored> outcome, bool inPart, RequestOrigin client, MailboxGuest guest)
    {
        if (outcome.Refusal is { } reason) return new MailboxReply.Refused(reason);
        notifier.NotifyOfGuest(outcome.Value, guest, client.Actor);
        return inPart ? new MailboxReply.StoredInPart(outcome.Value.Change, outcome.Value.Modified) : new MailboxReply.Stored(outcome.Value.Change);
    }

    /// <summary>What the guest may see of a reply. A reply that is not listed here is none that a guest gets.</summary>
    private MailboxReply Prepare(MailboxRequest request, MailboxReply reply, RequestOrigin client, MailboxGuest guest)
    {
        if (reply is MailboxReply.Refused or MailboxReply.Done or MailboxReply.ContentUnreadable) return reply;
        var view = Store.As(guest);
        switch (reply)
        {
            case MailboxReply.PartiallyFetched { Rows: var rows, Unreadable: var unreadable } when request is MailboxRequest.Fetch fetch:
                return new MailboxReply.PartiallyFetched(view.Show(fetch.Folder, rows), unreadable);
            case MailboxReply.Fetched { Rows: var rows } when request is MailboxRequest.Fetch fetch:
                return new MailboxReply.Fetched(view.Show(fetch.Folder, rows));
            case MailboxReply.StoredInPart stored:
                return new MailboxReply.StoredInPart(view.Show(stored.Change), view.Show(stored.Change.Folder, stored.Modified));
            case MailboxReply.Stored stored:
                return new MailboxReply.Stored(view.Show(stored.Change));
            case MailboxReply.Expunged expunged:
                return new MailboxReply.Expunged(view.Show(expunged.Change));
            case MailboxReply.Status status:
                return new MailboxReply.Status(view.Show(status.Folder));
            case MailboxReply.Selected selected:
                return new MailboxReply.Selected(view.Show(selected.Folder));
            case MailboxReply.Annotations annotations:
                return new MailboxReply.Annotations([.. annotations.All.Where(IsShared)]);
            case MailboxReply.Exported exported when request is MailboxRequest.Export export:
                return exported with { Messages = Show(view, export.Folder, exported) };
            default:
                return PrepareNew(request, reply, client, guest);
        }
    }

    // Messages that the guest has stored as seen are seen by it, and not by the owner.
    private MailboxReply PrepareNew(MailboxRequest request, MailboxReply reply, RequestOrigin client, MailboxGuest guest)
    {
        switch (reply)
        {
            case MailboxReply.AppendedAll appended when request is MailboxRequest.AppendAll append:
                MarkSeen(append.Folder, appended.Uids.Where((_, at) => IsSeen(append.Messages[at].Flags)), client, guest);
                return appended;
            case MailboxReply.AppendedAll { Uids: [var uid], Validity: var validity } when request is MailboxRequest.Append append:
                if (IsSeen(append.Flags)) MarkSeen(append.Folder, [uid], client, guest);
                return new MailboxReply.Appended(validity, uid);
            case MailboxReply.Replaced replaced when request is MailboxRequest.Replace replace:
                if (IsSeen(replace.Message.Flags)) MarkSeen(replace.Target, [replaced.Uid], client, guest);
                return replaced with { Change = Store.As(guest).Show(replaced.Change) };
            case MailboxReply.Copied copied when request is MailboxRequest.Copy copy:
                var seen = Store.As(guest).SeenIn(copy.Folder);
                MarkSeen(copy.Target, copied.Targets.Where((_, at) => seen.Contains(copied.Sources[at].Value)), client, guest);
                return copied with { Moved = copied.Moved is { } moved ? Store.As(guest).Show(moved) : null };
            case MailboxReply.Folders or MailboxReply.Quota or MailboxReply.Rights or MailboxReply.Grants or MailboxReply.HighestModSeq or MailboxReply.Changes or MailboxReply.SearchResult or MailboxReply.Threads:
                return reply;
            default:
                return new MailboxReply.Refused(MailboxRefusal.NoPermission);
        }
    }

    private void MarkSeen(FolderName folder, IEnumerable<Uid> uids, RequestOrigin client, MailboxGuest guest)
    {
        try
        {
            uint[] marked = [.. uids.Select(static u => u.Value)];
            if (marked.Length == 0 || Store.Status(folder) is not { IsRefused: false, Value: var status }) return;
            if (Store.As(guest).MarkSeen(status.Id, marked) is { } stored) notifier.NotifyOfGuest(stored, guest, client.Actor);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            // The messages are stored; that they were seen is lost.
            mailbox.Log.Failed(e, nameof(MarkSeen));
        }
    }

    private static IReadOnlyList<NewMessage> Show(GuestMailbox view, FolderId folder, MailboxReply.Exported exported)
    {
        var seen = view.SeenIn(folder);
        return [.. exported.Messages.Select((m, at) => m with { Flags = AccessRules.WithSeen(m.Flags, seen.Contains(exported.Uids[at].Value)) })];
    }

    private NewMessage Limited(NewMessage message, FolderName folder, MailboxGuest guest) => message with { Flags = AccessRules.Permitted(message.Flags, Store.Grants.RightsOf(folder, guest)) };

    private static bool IsSeen(MessageFlags flags) => flags.System.HasFlag(SystemFlags.Seen);

    private static bool IsShared(Annotation annotation) => annotation.Name.StartsWith(AnnotationName.Shared, StringComparison.OrdinalIgnoreCase);
}

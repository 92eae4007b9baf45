using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.MailboxIndex;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// Owns an account's mail: the only reader and writer of its Maildir and <c>index.db</c>, and the source of all push notifications.
/// <para>
/// Each turn changes the store, then answers, then notifies the sessions that have the folder selected. Messages are staged as they arrive and made durable
/// together when the inbox holds no more of them: a burst costs one flush of the directory, and deliveries are answered only after it.
/// </para>
/// <para>
/// When the disk fails, the request is answered with <see cref="MailboxRefusal.Unavailable"/>; the store is then unchanged.
/// </para>
/// </summary>
internal sealed partial class MailboxActor : AccountStoreActor
{
    private const int SearchSlice = 2_000;
    private const int FlushSlice = 1_000;
    private const int MaxStaged = 500;
    private static readonly TimeSpan LookForFiles = TimeSpan.FromSeconds(5);

    private readonly MailboxServices _services;
    private readonly ILogger _log;
    private readonly FolderWatchers _watchers = new();
    private readonly List<StagedMessage> _staged = [];
    private readonly List<RunningSearch> _searches = [];
    private MailboxStore? _store;
    private RequestOrigin _asker;

    public MailboxActor(AccountId account, MailboxServices services) : base(account, services.Home, new FolderOwnershipCheck(services.Directory, services.Problems), services.Time)
    {
        _services = services;
        _log = services.Loggers.CreateLogger<MailboxActor>();
        _openedAt = services.Time.GetUtcNow();
    }

    protected override void OnReceive(object message)
    {
        SecureOverdue();
        Act(message);
        FlushLater();
        LogProblems();
    }

    private void Act(object message)
    {
        _asker = new RequestOrigin(Sender, message is MailboxProtocol.AccountRequest asked ? asked.Sequence : 0);
        switch (message)
        {
            case MailboxProtocol.Deliver deliver:
                Stage(new StagedMessage(_asker, deliver.Message.Id, Delivered: true), deliver.Folder, MessageFlags.None, null, deliver.Message);
                break;
            case MailboxProtocol.AccountRequest { Request: MailboxRequest.Append append }:
                Stage(new StagedMessage(_asker, append.Message.Id, Delivered: false), append.Folder, append.Flags, append.InternalDate, append.Message);
                break;
            case MailboxProtocol.AccountRequest { Request: var request }:
                CommitStaged();
                Answer(request);
                break;
            case CommitStagedMessages:
                CommitStaged();
                break;
            case ContinueSearchTurn:
                CommitStaged();
                ContinueSearch();
                break;
            case FlushFileNames:
                CommitStaged();
                Flush();
                break;
            case ScanForFiles:
                CommitStaged();
                LookForDroppedFiles();
                break;
            case Terminated terminated:
                _watchers.Remove(terminated.ActorRef);
                StopLookingWhenUnwatched();
                break;
            case MailboxProtocol.Describe:
                Sender.Tell(Describe());
                break;
            case QuotaLoaded found:
                TakeQuota(found.Quota);
                break;
            default:
                if (!OnLifecycle(message)) Unhandled(message);
                break;
        }
    }

    private void Stage(StagedMessage staged, FolderName folder, MessageFlags flags, DateTimeOffset? date, SpooledMessage message)
    {
        LookUpQuota();
        try
        {
            if (Store.Stage(folder, flags, date, message) is { } refusal)
            {
                Refuse(staged, refusal);
                return;
            }
        }
        catch (Exception e) when (IsStorageFailure(e))
        {
            LogFailed(e, Account, nameof(Stage));
            staged.Refuse(Self, Account);
            RefuseStaged();
            // Senders try again.
            TryRebuildIndex(e);
            return;
        }

        _staged.Add(staged);
        if (_staged.Count == 1) Self.Tell(CommitStagedMessages.Instance);
        else if (_staged.Count >= MaxStaged) CommitStaged();
    }

    private void CommitStaged()
    {
        if (_staged.Count == 0) return;
        CommitOutcome outcome;
        try
        {
            outcome = Store.CommitStaged();
        }
        catch (Exception e) when (IsStorageFailure(e))
        {
            LogFailed(e, Account, nameof(CommitStaged));
            RefuseStaged();
            TryRebuildIndex(e);
            return;
        }

        // Watchers first: APPEND to the selected folder is answered by EXISTS, then OK (RFC 3501 §6.3.11).
        foreach (var change in outcome.Changes) Tell(change);
        for (var i = 0; i < _staged.Count; i++) Conclude(_staged[i], outcome.Appended[i]);
        _staged.Clear();
        WarnOfQuota();
    }

    private void RefuseStaged()
    {
        foreach (var staged in _staged) staged.Refuse(Self, Account);
        _staged.Clear();
    }

    private void Answer(MailboxRequest request, bool again = false)
    {
        try
        {
            if (Perform(request) is { } reply) Reply(reply);
        }
        catch (UnreadableMessageException e)
        {
            LogFailed(e, Account, request.GetType().Name);
            Reply(new MailboxReply.ContentUnreadable([e.Uid]));
        }
        catch (Exception e) when (IsStorageFailure(e))
        {
            LogFailed(e, Account, request.GetType().Name);
            if (TryRebuildIndex(e) && !again)
            {
                Answer(request, again: true);
                return;
            }

            Reply(new MailboxReply.Refused(MailboxRefusal.Unavailable));
        }
    }

    private void Reply(MailboxReply reply) => _asker.Reply(reply, Self);

    /// <summary>Returns the answer, or null when it follows later or was already sent.</summary>
    private MailboxReply? Perform(MailboxRequest request) => request switch
    {
        MailboxRequest.Fetch fetch => Fetch(fetch),
        MailboxRequest.Store store => Outcome(Store.Store(store.Folder, store.Uids.Span, store.Operation, store.Flags), StoredFlags),
        MailboxRequest.Search search => BeginSearch(search),
        MailboxRequest.Select select => Select(select),
        MailboxRequest.Unselect => Unselect(),
        MailboxRequest.Poll poll => Poll(poll),
        MailboxRequest.GetStatus status => Outcome(Store.Status(status.Name, status.WithDeletedSize), static found => new MailboxReply.Status(found)),
        MailboxRequest.Expunge expunge => Outcome(Store.Expunge(expunge.Folder, expunge.Within), Expunged),
        MailboxRequest.Copy copy => Copy(copy),
        MailboxRequest.ListFolders => Store.Folders(),
        MailboxRequest.GetQuota get => Quota(get.Folder),
        MailboxRequest.CreateFolder create => Outcome(Store.CreateFolder(create.Name, create.Role)),
        MailboxRequest.DeleteFolder delete => Outcome(Store.DeleteFolder(delete.Name), Removed),
        MailboxRequest.RenameFolder rename => Outcome(Store.RenameFolder(rename.From, rename.To), Renamed),
        MailboxRequest.Check check => Store.Check(check.Repair),
        MailboxRequest.MakeCopy make => new MailboxReply.CopyMade(Store.Copy(make.Directory, make.Known)),
        MailboxRequest.Subscribe subscribe => Outcome(Store.Subscribe(subscribe.Name, subscribe.Subscribed)),
        _ => throw new InvalidOperationException($"unknown request {request.GetType().Name}"),
    };

    private static MailboxReply Outcome(MailboxRefusal? refusal) =>
        refusal is { } reason ? new MailboxReply.Refused(reason) : MailboxReply.Done.Instance;

    private static MailboxReply? Outcome<T>(MailboxResult<T> outcome, Func<T, MailboxReply?> answer) =>
        outcome.Refusal is { } reason ? new MailboxReply.Refused(reason) : answer(outcome.Value);

    private MailboxReply.Refused? Fetch(MailboxRequest.Fetch request)
    {
        var outcome = Store.Fetch(request);
        if (outcome.Refusal is { } reason) return new MailboxReply.Refused(reason);
        Reply(outcome.Value.Unreadable.Count == 0
            ? new MailboxReply.Fetched(outcome.Value.Rows)
            : new MailboxReply.PartiallyFetched(outcome.Value.Rows, outcome.Value.Unreadable));
        if (outcome.Value.Change is { } change) TellOthers(change);
        return null;
    }

    private MailboxReply? StoredFlags(MailboxChanged change)
    {
        Reply(new MailboxReply.Stored(change));
        TellOthers(change);
        return null;
    }

    private MailboxReply? Expunged(MailboxChanged change)
    {
        Reply(new MailboxReply.Expunged(change));
        TellOthers(change);
        return null;
    }

    private MailboxReply? Copied(CopyOutcome outcome)
    {
        if (outcome.TargetChange is { } target) Tell(target);
        Reply(outcome.Reply);
        if (outcome.Reply.Moved is { } moved) TellOthers(moved);
        return null;
    }

    private MailboxReply? Removed(MailboxChanged change)
    {
        Reply(MailboxReply.Done.Instance);
        Tell(change);
        return null;
    }

    private MailboxReply? Renamed(IReadOnlyList<MailboxChanged> changes)
    {
        Reply(MailboxReply.Done.Instance);
        foreach (var change in changes) Tell(change);
        return null;
    }

    private MailboxReply? Select(MailboxRequest.Select request)
    {
        Forget(Sender);
        var outcome = Store.Select(request.Name, request.ReadOnly);
        if (outcome.Refusal is { } reason) return new MailboxReply.Refused(reason);
        var (folder, change) = outcome.Value;
        if (change is not null) Tell(request.ReadOnly ? change : change with { Recent = null });
        if (request.ReadOnly && _watchers.FirstReadWrite(folder.Id) is not null) folder = folder with { FirstRecent = null };
        _watchers.Add(Context.Watch(Sender), folder.Id, request.ReadOnly);
        Timers.StartPeriodicTimer(nameof(ScanForFiles), ScanForFiles.Instance, LookForFiles);
        return new MailboxReply.Selected(folder);
    }

    private MailboxReply.Done Unselect()
    {
        Forget(Sender);
        return MailboxReply.Done.Instance;
    }

    private void Forget(IActorRef session)
    {
        if (_watchers.Remove(session)) Context.Unwatch(session);
        StopLookingWhenUnwatched();
    }

    private MailboxReply? BeginSearch(MailboxRequest.Search request)
    {
        var outcome = Store.Search(request.Folder, request.Criteria);
        if (outcome.Refusal is { } reason) return new MailboxReply.Refused(reason);
        if (outcome.Value.Step(SearchSlice)) return Found(outcome.Value);
        _searches.Add(new RunningSearch(_asker, outcome.Value));
        if (_searches.Count == 1) Self.Tell(ContinueSearchTurn.Instance);
        return null;
    }

    private static MailboxReply.SearchResult Found(IncrementalSearch run) =>
        run.Unreadable.Count == 0 ? new MailboxReply.SearchResult(run.Found) : new MailboxReply.PartialSearchResult(run.Found, run.Unreadable);

    /// <summary>Runs one slice of the oldest search, then handles other messages: a search through all bodies does not delay deliveries.</summary>
    private void ContinueSearch()
    {
        var search = _searches[0];
        _searches.RemoveAt(0);
        try
        {
            if (search.Run.Step(SearchSlice)) search.Client.Reply(Found(search.Run), Self);
            else _searches.Add(search);
        }
        catch (Exception e) when (IsStorageFailure(e))
        {
            LogFailed(e, Account, nameof(MailboxRequest.Search));
            search.Client.Reply(new MailboxReply.Refused(MailboxRefusal.Unavailable), Self);
            TryRebuildIndex(e);
        }

        if (_searches.Count > 0) Self.Tell(ContinueSearchTurn.Instance);
    }

    private void Tell(MailboxChanged change)
    {
        // New messages are \Recent in one session that can change the folder, or else in all that cannot (RFC 3501 §2.3.2).
        var first = change.Recent is null ? null : _watchers.FirstReadWrite(change.Folder);
        if (first is not null) Store.ClaimRecent(change.Folder);
        foreach (var session in _watchers.Of(change.Folder)) Push(session, first is null || session.Equals(first) ? change : change with { Recent = null });
    }

    /// <summary>The requester gets the change in its answer.</summary>
    private void TellOthers(MailboxChanged change)
    {
        foreach (var session in _watchers.Of(change.Folder))
            if (!session.Equals(Sender)) Push(session, change);
    }

    private sealed record RunningSearch(RequestOrigin Client, IncrementalSearch Run);
}

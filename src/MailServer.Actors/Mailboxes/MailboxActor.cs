using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Actors.Filtering;
using MailServer.Actors.Inspection;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// Owns an account's mail: the only reader and writer of its Maildir and <c>index.db</c>, and the source of all push notifications.
/// <para>
/// Each turn changes the store, then answers, then notifies the sessions that have the folder selected or watch all folders. The actor passes each message to the class of its
/// topic and starts the timers; these classes run in its turns only, and share the store (<see cref="RecoverableMailbox"/>).
/// </para>
/// </summary>
internal sealed class MailboxActor : AccountStoreActor
{
    private const string RetryFlush = nameof(RetryFlush);

    private readonly FolderWatchers _watchers = new();
    private readonly RecoverableMailbox _mailbox;
    private readonly QuotaTracker _quota;
    private readonly MailboxNotifier _notifier;
    private readonly StagedMessages _staged;
    private readonly MailboxFlusher _flusher;
    private readonly FolderSelections _selections;
    private readonly RunningSearches _searches;
    private readonly ForeignFileScan _scan;
    private readonly MailboxRequestHandler _requests;
    private readonly TextIndexing? _indexing;
    private readonly ScriptedDeliveries? _scripted;
    private readonly DateTimeOffset _openedAt;
    private readonly string? _node;

    public MailboxActor(AccountId account, MailboxServices services) : base(account, services.Home, new FolderOwnershipCheck(services.Directory, services.Problems), services.OpenStores, services.Time)
    {
        (_openedAt, _node) = (services.Time.GetUtcNow(), services.Home.Node);
        var log = new MailboxLog(services.Loggers.CreateLogger<MailboxActor>(), account);
        _mailbox = new RecoverableMailbox(account, services, log) { Closing = RefuseAccepted, Opened = () => _quota!.Begin(), Lost = OnLost };
        _quota = new QuotaTracker(_mailbox, services.Directory, OnQuotaLoading);
        _notifier = new MailboxNotifier(_mailbox, _watchers);
        _staged = new StagedMessages(_mailbox, _quota, _notifier, Self);
        _flusher = new MailboxFlusher(_mailbox, _staged, _notifier, Self, services.Time);
        _searches = new RunningSearches(_mailbox, Self);
        _selections = new FolderSelections(_mailbox, _watchers, _notifier, _searches, Context);
        _scan = new ForeignFileScan(_mailbox, _watchers, _notifier, services.Time);
        if (services.Indexing is { } thread) _indexing = new TextIndexing(_mailbox, thread, Self, services.Time);
        var own = services.Scripts is null ? null : new AccountScripts(() => _mailbox.Store, services.Scripts.Server, services.Scripts.Hostname, services.Limits, services.Time);
        if (own is not null)
            _scripted = new ScriptedDeliveries(_mailbox, _staged, services, own.Library, Self, ticket => Timers.StartSingleTimer(nameof(ScriptWaitOver), new ScriptWaitOver(ticket), services.Limits.ScriptWait));
        _requests = new MailboxRequestHandler(_mailbox, _quota, _notifier, _selections, new FolderSharing(_mailbox, services.Directory, _selections, Self), _searches, _scan, own, Self);
    }

    protected override int MaxWaiting => 10_000;

    protected override bool IsIdle => !_mailbox.IsOpen || (!_watchers.Any && _searches.Count == 0 && _scripted is null or { IsIdle: true });

    /// <summary>The local region of all mailboxes, without a cluster.</summary>
    public static Props Region(MailboxServices services) =>
        EntityRegionActor.Props(account => Props(account, services), MailboxProtocol.Refusal);

    public static Props Props(AccountId account, MailboxServices services) =>
        ActorFactory.Props(() => new MailboxActor(account, services)).WithDispatcher("storage-dispatcher");

    protected override void OnReceive(object message)
    {
        _flusher.FlushOverdue();
        Handle(message is MailboxProtocol.Deliver deliver ? Posted(deliver) : message);
        _notifier.NotifyOfAll(Sender);
        ScheduleFlush();
        ScheduleScan();
        ScheduleIndexing(message);
        _mailbox.LogProblems();
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case MailboxProtocol.Deliver deliver when _scripted?.Applies(deliver) == true:
                _scripted.Begin(deliver, Sender);
                break;
            case ScriptMailProtocol.FactsLoaded or ScriptMailProtocol.Prepared or ScriptMailProtocol.Published:
                _scripted?.Continue(message);
                break;
            case ScriptWaitOver over:
                _scripted?.OnTimeout(over.Ticket);
                break;
            case MailboxProtocol.Deliver deliver:
                _staged.Stage(new StagedMessage(new RequestOrigin(Sender, 0), deliver.Message.Id, Delivered: true), deliver.Folder, MessageFlags.None, null, deliver.Message);
                break;
            case MailboxProtocol.AccountRequest { Request: MailboxRequest.Append append } asked:
                _staged.Stage(new StagedMessage(new RequestOrigin(Sender, asked.Sequence), append.Message.Id, Delivered: false), append.Folder, append.Flags, append.InternalDate, append.Message);
                break;
            case MailboxProtocol.AccountRequest { Request: var request, Sequence: var sequence }:
                _staged.Commit();
                _requests.Handle(request, new RequestOrigin(Sender, sequence));
                break;
            case MailboxProtocol.GuestRequest { Request: var request, Guest: var guest, Sequence: var sequence }:
                _staged.Commit();
                _requests.Handle(request, new RequestOrigin(Sender, sequence), guest);
                break;
            case MailboxProtocol.Describe:
                Sender.Tell(_mailbox.IsOpen ? new MailboxDescription(Account, _openedAt, _watchers.Count, ActorTree.InboxOf(Self), _searches.Count, _node) : NothingToInspect.Instance);
                break;
            case QuotaLoaded { Quota: var quota }:
                _quota.Apply(quota);
                break;
            case QuotaUnknown { Failure: var failure }:
                _mailbox.Log.QuotaUnknown(failure);
                break;
            case Terminated { ActorRef: var session }:
                _selections.OnEnded(session);
                break;
            case IMailboxTurn turn:
                _staged.Commit();
                Continue(turn);
                break;
            default:
                if (!OnLifecycle(message)) Unhandled(message);
                break;
        }
    }

    /// <summary>Mail for a subaddress goes into the folder of this name if anyone may post there (RFC 4314 §2.1); otherwise, as without rights, where it was going.</summary>
    private MailboxProtocol.Deliver Posted(MailboxProtocol.Deliver deliver)
    {
        if (!deliver.Folder.IsInbox || deliver.Recipient?.Tag is not { Length: > 0 } tag || !_mailbox.IsOpen) return deliver;
        try
        {
            return _mailbox.Store.Grants.FindPostable(tag) is { } folder ? deliver with { Folder = folder } : deliver;
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            _mailbox.Log.Failed(e, nameof(Posted));
            return deliver;
        }
    }

    private void Continue(IMailboxTurn turn)
    {
        switch (turn)
        {
            case ContinueSearchTurn:
                _searches.Continue();
                break;
            case FlushFileNames:
                if (!_flusher.TryFlush()) Timers.StartSingleTimer(RetryFlush, FlushFileNames.Instance, FlushWindow.AfterFailure);
                break;
            case ScanForFiles:
                _scan.RunForWatchers();
                break;
            case IndexMessages:
                _indexing?.Continue();
                break;
            case ShareNoted noted:
                _requests.Handle(noted);
                break;
            case IndexingEnded ended:
                _indexing?.OnEnded(ended.IsDone, ended.Failure);
                break;
        }
    }

    private void ScheduleFlush()
    {
        if (!_flusher.IsNeeded || Timers.IsTimerActive(nameof(FlushFileNames))) return;
        Timers.StartSingleTimer(nameof(FlushFileNames), FlushFileNames.Instance, _flusher.BeginWindow());
    }

    private void ScheduleScan()
    {
        if (_watchers.Any == Timers.IsTimerActive(nameof(ScanForFiles))) return;
        if (_watchers.Any) Timers.StartPeriodicTimer(nameof(ScanForFiles), ScanForFiles.Instance, ForeignFileScan.Interval);
        else Timers.Cancel(nameof(ScanForFiles));
    }

    private void ScheduleIndexing(object message)
    {
        if (_indexing is null) return;
        if (message is MailboxProtocol.Deliver or MailboxProtocol.AccountRequest { Request: MailboxRequest.Append or MailboxRequest.AppendAll } or MailboxProtocol.GuestRequest { Request: MailboxRequest.Append or MailboxRequest.AppendAll }) _indexing.OnMail();
        if (!Timers.IsTimerActive(nameof(IndexMessages)) && _indexing.NextIn is { } delay) Timers.StartSingleTimer(nameof(IndexMessages), IndexMessages.Instance, delay);
    }

    protected override void OpenStore() => _mailbox.Open(Owner);

    protected override void OnOpenFailed(Exception failure) => _mailbox.ReportNotOpened(failure);

    protected override void OnFailed(Exception failure) => _mailbox.Log.Failed(failure, "a message");

    protected override void Finish()
    {
        _staged.Commit();
        // A search that needs several turns would delay the next actor.
        RefuseAccepted();
    }

    protected override void RefuseAccepted()
    {
        _staged.Refuse();
        _scripted?.RefuseAll();
        _searches.Refuse();
    }

    protected override bool TryRefuse(object message)
    {
        if (message is not IForAccount request || MailboxProtocol.Refusal(request) is not { } refusal) return false;
        Sender.Tell(refusal, Self);
        return true;
    }

    protected override void PostStop()
    {
        RefuseAccepted();
        _mailbox.Dispose();
        base.PostStop();
    }

    private void OnLost(Exception failure)
    {
        _mailbox.ReportNotOpened(failure);
        Passivate();
    }

    private void OnQuotaLoading(Task<Account?> pending) =>
        pending.PipeTo(Self, success: static found => new QuotaLoaded(found?.Quota), failure: static e => new QuotaUnknown(e));

    private sealed record QuotaLoaded(long? Quota) : INoSerializationVerificationNeeded;

    private sealed record QuotaUnknown(Exception Failure) : INoSerializationVerificationNeeded;
}

using Akka.Actor;
using Akka.Persistence;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

/// <summary>
/// Owns a sixteenth of the outbound queue: the messages whose spool id maps to it, with all their recipients, so that one event accepts a message and one
/// more finishes it. Events become durable before they take effect; events that arrive during a write are written together.
/// <para>
/// The life of a message: it is queued (the client receives 250); due recipients go to the destinations; each result is an event, after which a recipient
/// is delivered, failed or deferred. If the sender must be notified, a notice is sent through the router, which is an event too. The spool file is removed
/// only when nothing is left to do. After a crash the same state is read from the journal, and recipients that were being tried are due again.
/// </para>
/// </summary>
internal sealed partial class QueuePartitionActor : UntypedPersistentActor, IWithTimers
{
    private const int EventsBetweenSnapshots = 1_000;
    private const int DueInOneTurn = 200;

    // The clock may be set meanwhile.
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(10);

    private readonly QueueServices _services;
    private readonly int _partition;
    private readonly ILogger _log;
    private readonly QueueState _state = new();
    private readonly QueueDecider _decider;
    private readonly DueList _due = new();
    private readonly DestinationPool _destinations;
    private readonly NoticeScheduler _notices;
    private readonly HashSet<SpoolId> _returning = [];
    private int _events;

    public QueuePartitionActor(QueueServices services, int partition, bool isReplaced)
    {
        _services = services;
        _partition = partition;
        _isReplaced = isReplaced;
        _log = services.Loggers.CreateLogger<QueuePartitionActor>();
        _decider = new QueueDecider(_state, services.Limits, services.Options.Schedule);
        _destinations = new DestinationPool(services, Context);
        _notices = new NoticeScheduler(services, Context);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId => $"queue-{_partition}";

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    /// <param name="services">Dependencies of the queue.</param>
    /// <param name="partition">Number of the partition.</param>
    /// <param name="isReplaced">The journal may be an older copy: the envelopes in the spool have newer delivery results.</param>
    public static Props Props(QueueServices services, int partition, bool isReplaced = false) =>
        ActorFactory.Props(() => new QueuePartitionActor(services, partition, isReplaced)).WithDispatcher("storage-dispatcher");

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        base.PreStart();
        Context.System.EventStream.Subscribe(Self, typeof(QueueProtocol.PausesChanged));
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case QueueProtocol.Enqueue enqueue:
                if (_state.WasFinished(enqueue.Message)) RemoveFiles(enqueue.Message);
                Execute(enqueue, _decider.Process(enqueue));
                break;
            case DestinationProtocol.Result result:
                OnResult(result);
                break;
            case DestinationProtocol.Returned returned:
                foreach (var id in _destinations.Returned(returned))
                    if (_state.Find(id) is { } item) Continue(item);
                break;
            case QueueProtocol.PausesChanged:
                foreach (var id in _state.Messages) _due.Add(id, Now);
                ScheduleWake();
                break;
            case NoticeProtocol.NoticeFinished done:
                OnNoticed(done);
                break;
            case DueList.DueTick:
                Wake();
                break;
            case DestinationProtocol.Idle idle:
                _destinations.Release(idle.Destination);
                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            case QueueProtocol.ContentLost lost:
                foreach (var id in lost.Messages) Perform(_decider.GiveUp(id, Now));
                break;
            case QueueProtocol.WriteEnvelopes write:
                WriteEnvelopes(write.Messages);
                break;
            default:
                if (!OnAdministration(message) && !OnMove(message) && !OnHousekeeping(message)) Unhandled(message);
                break;
        }
    }

    private bool OnAdministration(object message)
    {
        switch (message)
        {
            case QueueProtocol.List list:
                Sender.Tell(new QueueProtocol.Listed(_state.Oldest(list.Max), _state.Count));
                return true;
            case QueueProtocol.Search search:
                var (items, count) = _state.Search(search.Filter, search.After, search.Max);
                Sender.Tell(new QueueProtocol.Listed(items, count));
                return true;
            case QueueProtocol.GetMessage trace:
                Sender.Tell(new QueueProtocol.MessageFound(trace.Message, _state.Find(trace.Message)));
                return true;
            case QueueProtocol.Change change:
                OnChange(change);
                return true;
            default:
                return false;
        }
    }

    private bool OnMove(object message)
    {
        switch (message)
        {
            case QueueProtocol.FindUnknown find:
                OnFind(find);
                return true;
            case StopEntity:
                // Finish pending writes and answer them first.
                DeferAsync(message, _ => Context.Stop(Self));
                return true;
            default:
                return false;
        }
    }

    private bool OnHousekeeping(object message)
    {
        switch (message)
        {
            case SaveSnapshotSuccess saved:
                if (_isReplaced) Context.System.ActorSelection(QueueActor.Path).Tell(new QueueProtocol.EnvelopesApplied(_partition));
                // Events included in the snapshot need not be read again.
                DeleteMessages(saved.Metadata.SequenceNr);
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                return true;
            case SaveSnapshotFailure failure:
                LogSnapshotFailed(failure.Cause, _partition);
                return true;
            case DeleteMessagesSuccess or DeleteSnapshotsSuccess:
                return true;
            case DeleteMessagesFailure failure:
                LogSnapshotFailed(failure.Cause, _partition);
                return true;
            case DeleteSnapshotsFailure failure:
                LogSnapshotFailed(failure.Cause, _partition);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Records the event of a client's request, then answers; at once if there is no event.</summary>
    private void Execute(object request, QueueDecision decision)
    {
        var client = Sender;
        if (decision.Event is not { } happened)
        {
            client.Tell(decision.Answer);
            return;
        }

        _unanswered[happened] = (request, client);
        Record(happened, () =>
        {
            _unanswered.Remove(happened);
            client.Tell(decision.Answer);
        });
    }

    /// <summary>Records the event, then runs the continuation; at once if there is no event.</summary>
    private void Perform(QueueDecision decision, Action? then = null)
    {
        if (decision.Event is { } happened) Record(happened, then);
        else then?.Invoke();
    }

    /// <summary>Makes the event durable, applies it, then runs the continuation.</summary>
    private void Record(QueueEvent happened, Action? then = null) => PersistAsync(happened, e =>
    {
        var item = _state.Apply(e);
        if (item is not null) _services.Trace.Add(QueueTraceSteps.Of(e, item, Now));
        if (item is not null && e is not QueueEvent.Queued) NoteInEnvelope(e);
        then?.Invoke();
        if (item is not null) Continue(item);
        if (++_events >= EventsBetweenSnapshots) Snapshot();
    });

    private void Snapshot()
    {
        _events = 0;
        // The snapshot has no record of messages finished before it: their files must be removed durably first.
        if (TrySecureNames()) SaveSnapshot(_state.Snapshot());
    }

    /// <summary>Performs the next step of a message, or finishes it.</summary>
    private void Continue(QueueItem item)
    {
        if (!_state.Contains(item.Message))
        {
            RemoveFiles(item.Message);
            return;
        }

        var now = Now;
        _notices.Send(item);
        if (AttemptClassifier.IsTooLate(item, now) && ReturnLate(item, now)) return;
        var isCrowded = !_destinations.Dispatch(item, now);
        if (_decider.NextCheck(item, _destinations.NextFor(item), isCrowded, now) is { } at && _due.Add(item.Message, at)) ScheduleWake();
    }

    /// <summary>Returns recipients whose deadline has passed; true when there were any.</summary>
    private bool ReturnLate(QueueItem item, DateTimeOffset now)
    {
        var late = _destinations.Waiting(item).ToArray();
        if (late.Length > 0 && _returning.Add(item.Message))
            Perform(_decider.ReturnLate(item, late, now), () => _returning.Remove(item.Message));
        return late.Length > 0;
    }

    private void Wake()
    {
        var now = Now;
        _due.Rewind(now);
        for (var turn = 0; turn < DueInOneTurn && _due.TryTake(now, out var message); turn++)
            if (_state.Find(message) is { } item) Continue(item);

        ScheduleWake();
    }

    private void ScheduleWake()
    {
        if (_due.Next is not { } next) return;
        // The timer uses the monotonic clock: it must not wait for years because the wall clock was wrong when it was set.
        var wait = next - Now < LongestLook ? next - Now : LongestLook;
        Timers.StartSingleTimer(nameof(DueList.DueTick), DueList.DueTick.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
    }

    private void OnResult(DestinationProtocol.Result result)
    {
        var decision = _decider.Process(result, Now);
        if (decision.Event is QueueEvent.Attempted attempted) LogAttempts(attempted);
        // Until the event is durable the recipients count as being tried, so nothing can send to them a second time.
        Perform(decision, () => Finished(result));
    }

    private void LogAttempts(QueueEvent.Attempted attempted)
    {
        var item = _state.Find(attempted.Message)!;
        foreach (var r in attempted.Results)
        {
            var recipient = item.Recipients[r.Recipient].Address;
            if (attempted.Host.Length == 0) LogNoHost(item.Message, recipient, r.State, r.Reply);
            else LogAttempt(item.Message, recipient, r.State, attempted.Host, attempted.Tls.Length == 0 ? "none" : attempted.Tls, r.Reply);
            DeliveryMetrics.Attempted(r.State);
        }
    }

    private void Finished(DestinationProtocol.Result result)
    {
        foreach (var next in _destinations.Finished(result))
            if (_state.Find(next) is { } item) Continue(item);
    }

    private void OnNoticed(NoticeProtocol.NoticeFinished done)
    {
        _notices.Reported(done);
        Perform(_decider.Process(done), () => _notices.Finished(done));
        if (!done.Sent && _state.Contains(done.Message) && _due.Add(done.Message, Now + NoticeScheduler.RetryAfter)) ScheduleWake();
    }

    private void OnTerminated(IActorRef child)
    {
        foreach (var message in _destinations.Lost(child).Concat(_notices.Lost(child)))
            if (_state.Contains(message)) _due.Add(message, Now + _services.Options.Schedule.First);
        ScheduleWake();
    }

    private void OnChange(QueueProtocol.Change change)
    {
        var decision = _decider.Process(change, Now);
        if (decision.Event is not null)
        {
            LogChanged(change.Message, change.What);
            if (change.What == QueueChange.Retry) _destinations.Force(change.Message);
        }

        Execute(change, decision);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Message {Message} to <{Recipient}>: {State} by {Host} (TLS: {Tls}): {Reply}")]
    private partial void LogAttempt(SpoolId message, Domain.Addresses.EmailAddress recipient, RecipientState state, string host, string tls, SmtpReply reply);

    [LoggerMessage(Level = LogLevel.Information, Message = "Message {Message} to <{Recipient}>: {State}, no host reached: {Reply}")]
    private partial void LogNoHost(SpoolId message, Domain.Addresses.EmailAddress recipient, RecipientState state, SmtpReply reply);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Queued message {Message} changed by an administrator: {Change}")]
    private partial void LogChanged(SpoolId message, QueueChange change);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The journal of queue partition {Partition} could not be truncated after a snapshot")]
    private partial void LogSnapshotFailed(Exception cause, int partition);
}

using Akka.Actor;
using Akka.Persistence;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Domain.Timing;
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
    internal static readonly SmtpReply ContentLost = new(554, "5.3.0", "The content of the message was lost on this server");

    private const int EventsBetweenSnapshots = 1_000;
    private const int DueInOneTurn = 200;

    // The clock may be set meanwhile.
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(10);

    // Wait until one of the many destinations in use is idle.
    private static readonly TimeSpan Crowded = TimeSpan.FromSeconds(5);

    private readonly QueueServices _services;
    private readonly int _partition;
    private readonly ILogger _log;
    private readonly QueueState _state = new();
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

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case QueueProtocol.Enqueue enqueue:
                Enqueue(enqueue.Item);
                break;
            case DestinationProtocol.Result result:
                OnResult(result);
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
                foreach (var id in lost.Messages) GiveUp(id);
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

    private void Enqueue(QueueItem item)
    {
        var client = Sender;
        if (_state.Contains(item.Message) || _state.Count >= _services.Limits.QueuedMessages / QueueActor.Partitions)
            client.Tell(new QueueProtocol.Enqueued(item.Message, _state.Contains(item.Message)));
        else
            Take(item, client);
    }

    private void Take(QueueItem item, IActorRef client)
    {
        _unanswered[item.Message] = client;
        Record(new QueueEvent.Queued(item), () =>
        {
            _unanswered.Remove(item.Message);
            client.Tell(new QueueProtocol.Enqueued(item.Message, true));
        });
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
            _services.Spool.Remove(item.Message);
            return;
        }

        var now = Now;
        _notices.Send(item);
        if (AttemptClassifier.IsTooLate(item, now) && ReturnLate(item, now)) return;
        var allWent = _destinations.Dispatch(item, now);
        // Times that a wrong clock set years ahead are handled here or at the next check.
        var next = _destinations.NextFor(item) is { } planned ? StoredTime.Bound(planned, now, _services.Options.Schedule.LongestWait(item)) : (DateTimeOffset?)null;
        if (!allWent) next = now + Crowded;
        if (item.DeliverBy is { } by && by.Deadline > now && (next is null || by.Deadline < next)) next = by.Deadline;
        if (next is { } at && _due.Add(item.Message, at)) ScheduleWake();
    }

    /// <summary>Returns recipients whose deadline has passed (RFC 2852 §4.1.3); true when there were any.</summary>
    private bool ReturnLate(QueueItem item, DateTimeOffset now)
    {
        var late = _destinations.Waiting(item).ToArray();
        if (late.Length == 0 || !_returning.Add(item.Message)) return late.Length > 0;
        Record(
            new QueueEvent.Attempted(item.Message, now, "", "", [.. late.Select(i => AttemptClassifier.Classify(_services, item, i, AttemptClassifier.TooLate, now))]),
            () => _returning.Remove(item.Message));
        return true;
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
        var item = _state.Find(result.Message);
        var now = Now;
        AttemptResult[] results = item is null ? [] : [.. result.Replies.Where(r => item.Recipients[r.Recipient].State == RecipientState.Waiting).Select(r => AttemptClassifier.Classify(_services, item, r.Recipient, r.Reply, now, result.DsnPassedOn, result.DeadlinePassedOn))];
        if (item is null || results.Length == 0)
        {
            Finished(result);
            return;
        }

        foreach (var r in results)
        {
            var recipient = item.Recipients[r.Recipient].Address;
            if (result.Host.Length == 0) LogNoHost(item.Message, recipient, r.State, r.Reply);
            else LogAttempt(item.Message, recipient, r.State, result.Host, result.Tls.Length == 0 ? "none" : result.Tls, r.Reply);
            DeliveryMetrics.Attempted(r.State);
        }
        // Until the event is durable the recipients count as being tried, so nothing can send to them a second time.
        Record(new QueueEvent.Attempted(item.Message, now, result.Host, result.Tls, results), () => Finished(result));
    }

    private void Finished(DestinationProtocol.Result result)
    {
        foreach (var next in _destinations.Finished(result))
            if (_state.Find(next) is { } item) Continue(item);
    }

    /// <summary>The content is missing, so nothing can be sent.</summary>
    private void GiveUp(SpoolId message)
    {
        if (_state.Find(message) is not { } item) return;
        var now = Now;
        var waiting = Enumerable.Range(0, item.Recipients.Count).Where(i => item.Recipients[i].State == RecipientState.Waiting).ToArray();
        if (waiting.Length > 0) Record(new QueueEvent.Attempted(message, now, "", "", [.. waiting.Select(i => AttemptClassifier.Classify(_services, item, i, ContentLost, now))]));
    }

    private void OnNoticed(NoticeProtocol.NoticeFinished done)
    {
        if (done.Sent)
        {
            Record(new QueueEvent.NoticeSent(done.Message, done.Recipients), () => _notices.Finished(done));
            return;
        }

        _notices.Finished(done);
        if (_state.Contains(done.Message) && _due.Add(done.Message, Now + NoticeScheduler.RetryAfter)) ScheduleWake();
    }

    private void OnTerminated(IActorRef child)
    {
        foreach (var message in _destinations.Lost(child).Concat(_notices.Lost(child)))
            if (_state.Contains(message)) _due.Add(message, Now + _services.Options.Schedule.First);
        ScheduleWake();
    }

    private void OnChange(QueueProtocol.Change change)
    {
        var client = Sender;
        if (_state.Find(change.Message) is not { } item)
        {
            client.Tell(new QueueProtocol.Changed(false));
            return;
        }

        QueueEvent happened = change.What switch
        {
            QueueChange.Delete => new QueueEvent.Deleted(item.Message),
            QueueChange.Hold => new QueueEvent.Rescheduled(item.Message, Now, Held: true),
            QueueChange.Release => new QueueEvent.Rescheduled(item.Message, Now, Held: false),
            _ => new QueueEvent.Rescheduled(item.Message, Now, item.IsHeld),
        };
        LogChanged(item.Message, change.What);
        if (change.What == QueueChange.Retry) _destinations.Force(item.Message);
        Record(happened, () => client.Tell(new QueueProtocol.Changed(true)));
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

using System.Globalization;
using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Domain.Health;
using MailServer.Domain.Messages;
using MailServer.Storage.Journal;
using Microsoft.Extensions.Logging;
using DeadLetter = Akka.Event.DeadLetter;

namespace MailServer.Actors.Queue;

/// <summary>
/// The outbound queue of a node: sixteen partitions, selected by spool id. Each partition that has read its journal is checked against the messages that
/// were in the spool at start (<c>QueueActor.Spool.cs</c>). A partition that stops is restarted after a back-off; until then requests to it are refused
/// immediately.
/// </summary>
internal sealed partial class QueueActor : UntypedActor, IWithTimers
{
    public const int Partitions = 16;

    public const string Name = "queue";

    public const string Path = "/user/" + Name;

    private const string ProblemSubject = "outbound queue";
    private static readonly TimeSpan OpenAgain = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ExamineAgain = TimeSpan.FromSeconds(10);

    private readonly IdleHeapCompactor _memory = new();
    private readonly QueueServices _services;
    private readonly ILogger _log;
    private readonly PartitionGate[] _gates = [.. Enumerable.Range(0, Partitions).Select(static n => new PartitionGate(n))];
    private readonly HashSet<int> _caughtUp = [];
    private RequestTracker? _requests;
    private JournalCondition _condition = JournalCondition.Continued;
    private DateTimeOffset _examinedAt = DateTimeOffset.MinValue;
    private bool _needsRestart;
    private bool _isRebuilding;

    public QueueActor(QueueServices services)
    {
        _services = services;
        _log = services.Loggers.CreateLogger<QueueActor>();
        _spooled = [.. services.SpooledAtStart];
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private string JournalName => _services.Journal?.Path ?? "the journal's database";

    public static Props Props(QueueServices services) => ActorFactory.Props(() => new QueueActor(services));

    // A partition's memory may no longer match its journal: it stops and its successor reads the journal again.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(IdleHeapCompactor), IdleHeapCompactor.CheckMemory.Instance, IdleHeapCompactor.Interval);
        QueuedContent.FindSetAside(_services);
        if (!_services.IsShared)
        {
            Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
            OpenJournal();
            return;
        }

        StartShards();
        FindOrphans();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case QueueProtocol.IWithMessage or QueueProtocol.IForPartition:
                Send(message, Sender);
                break;
            case IdleHeapCompactor.CheckMemory:
                _memory.Check();
                CheckJournalInPlace();
                break;
            case QueueProtocol.PartitionRecovered recovered:
                OnRecovered(recovered.Partition);
                break;
            case QueueProtocol.PartitionFailed failed:
                OnFailed(failed);
                break;
            case QueueProtocol.EnvelopesApplied caughtUp:
                OnCaughtUp(caughtUp);
                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            case DeadLetter undelivered:
                OnUndelivered(undelivered);
                break;
            case StartPartition start:
                if (!_isRebuilding && _gates[start.Partition].Actor is null) Start(_gates[start.Partition]);
                break;
            case OpenJournalTick:
                if (_stopping.Count > 0) Timers.StartSingleTimer(nameof(OpenJournalTick), OpenJournalTick.Instance, Settle);
                else OpenJournal();
                break;
            default:
                if (!OnSpool(message) && !OnOffer(message)) Unhandled(message);
                break;
        }
    }

    /// <summary>Must never change: it decides which partition's journal contains a message.</summary>
    internal static int PartitionOf(SpoolId message)
    {
        // FNV-1a
        var hash = 2166136261u;
        foreach (var c in message.Value) hash = (hash ^ c) * 16777619u;
        return (int)(hash % Partitions);
    }

    private static int PartitionOf(object message) => message is QueueProtocol.IForPartition { Partition: var partition } ? partition : PartitionOf(((QueueProtocol.IWithMessage)message).Message);

    private void Send(object message, IActorRef client)
    {
        if (_requests is null) _gates[PartitionOf(message)].Pass(message, client);
        else _requests.Send(message, client);
    }

    private bool OnOffer(object message)
    {
        if (message is not NodeLost lost) return _requests?.OnMessage(message, Sender) ?? false;
        _requests?.OnNodeLost(lost.Node);
        return true;
    }

    private void StartShards()
    {
        var system = Context.System;
        var shards = QueueShards.Start(Context.System, _services);
        _requests = new RequestTracker(
            Self, _services.Time, static request => QueueProtocol.Refusal(request, "its partition of the queue does not answer"),
            (request, message, client) => shards.Tell(PartitionOf(request), message, client), () => !ClusterNames.HasOlderNodes(system));
        Timers.StartPeriodicTimer(nameof(OfferProtocol.OfferTick), OfferProtocol.OfferTick.Instance, RequestTracker.Interval);
        Context.System.EventStream.Subscribe(Self, typeof(NodeLost));
    }

    private void OpenJournal()
    {
        var opening = _services.Journal?.Open(_isRebuilding) ?? new JournalOpenResult(JournalCondition.Continued);
        if (opening.Condition == JournalCondition.Unusable)
        {
            var fault = $"{JournalName} cannot be used ({opening.Fault})";
            Report(fault, "make the file and its directory writable for the server; it retries every few seconds");
            foreach (var gate in _gates) gate.Close(fault);
            Timers.StartSingleTimer(nameof(OpenJournalTick), OpenJournalTick.Instance, OpenAgain);
            return;
        }

        if (_isRebuilding) ReadSpoolAgain();
        _isRebuilding = false;
        _condition = opening.Condition;
        _opening = opening;
        _caughtUp.Clear();
        foreach (var gate in _gates) Start(gate);
    }

    private void Start(PartitionGate gate)
    {
        var props = QueuePartitionActor.Props(_services, gate.Partition, isReplaced: _condition == JournalCondition.Replaced);
        var partition = Context.ActorOf(props, string.Create(CultureInfo.InvariantCulture, $"partition-{gate.Partition}"));
        Context.Watch(partition);
        gate.Start(partition);
    }

    private void OnRecovered(int partition)
    {
        if (_requests is not null) return;
        _gates[partition].Open();
        if (!_needsRestart && _gates.All(static g => g.Fault is null)) _services.Problems.Clear(ProblemSubject);
        if (!_gates.All(static g => g.IsOpen)) return;
        FindOrphans();
    }

    private void OnCaughtUp(QueueProtocol.EnvelopesApplied caughtUp)
    {
        if (!_caughtUp.Add(caughtUp.Partition) || _caughtUp.Count < Partitions) return;
        try
        {
            _services.Journal!.MarkAdopted();
        }
        catch (IOException e)
        {
            // At worst the next start treats the journal as an older copy again, which is harmless.
            LogNotConfirmed(e);
        }
    }

    private void OnFailed(QueueProtocol.PartitionFailed failed)
    {
        if (_services.Journal is not { } journal)
        {
            LogFailed(failed.Partition, failed.Reason);
            return;
        }

        // Examine the journal once for all partitions that fail together.
        var now = _services.Time.GetUtcNow();
        if (_isRebuilding || _needsRestart || now - _examinedAt < ExamineAgain) return;
        _examinedAt = now;
        if (FindFault(journal) is { } fault)
        {
            Rebuild(journal, fault);
            return;
        }

        Report($"{journal.Path} cannot be written or read ({failed.Reason})", "the server retries every minute; check free disk space and permissions");
    }

    private static string? FindFault(JournalFile journal)
    {
        try
        {
            return journal.FindFault();
        }
        catch (IOException)
        {
            // The file cannot be read at all: the partition's own error has the reason.
            return null;
        }
    }

    private void OnTerminated(IActorRef partition)
    {
        if (_stopping.Remove(partition)) return;
        if (Array.Find(_gates, g => partition.Equals(g.Actor)) is not { } gate) return;
        var wait = gate.Close($"the outbound queue is not available: {JournalName} cannot be used now; see 'mailserver status'");
        Timers.StartSingleTimer($"start-{gate.Partition}", new StartPartition(gate.Partition), wait);
    }

    /// <summary>Refuses a request that was in the inbox of a partition, or on the way to it, when the partition stopped.</summary>
    private void OnUndelivered(DeadLetter undelivered)
    {
        if (Self.Path.Equals(undelivered.Recipient.Path.Parent) && QueueProtocol.Refusal(undelivered.Message, "its part of the outbound queue has just stopped") is { } refusal)
            undelivered.Sender.Tell(refusal);
    }

    /// <summary>Writes to a moved file would succeed, and its successor would not contain them.</summary>
    private void CheckJournalInPlace()
    {
        if (!_needsRestart && !_isRebuilding && _services.Journal is { } journal && journal.IsReplaced()) Rebuild(journal, "was removed or replaced while the server was running");
    }

    private void Report(string text, string remedy) => _services.Problems.Report(new NodeProblem(ProblemSubject, $"{text}; mail to other servers is deferred (451)", remedy));

    private sealed record StartPartition(int Partition);

    private sealed record OpenJournalTick
    {
        public static OpenJournalTick Instance { get; } = new();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The journal's generation number could not be written")]
    private partial void LogNotConfirmed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Queue partition {Partition} has stopped: {Reason}")]
    private partial void LogFailed(int partition, string reason);
}

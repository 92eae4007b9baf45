using Akka.Actor;
using Akka.Pattern;
using MailServer.Domain.Messages;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

/// <summary>
/// The outbound queue of a node: sixteen partitions, among which messages are divided by their spool id. At start, when all have read their
/// journals, what they hold is compared with what lies in the spool: a file that no partition knows was never acknowledged and is removed, a
/// message without its file is given up with a notice.
/// </summary>
internal sealed partial class QueueActor : UntypedActor, IWithTimers
{
    public const int Partitions = 16;

    public const string Name = "queue";

    public const string Path = "/user/" + Name;

    private readonly MemoryReturn _memory = new();
    private readonly QueueServices _services;
    private readonly ILogger _log;
    private readonly IActorRef[] _partitions = new IActorRef[Partitions];
    private QueueShards? _shards;
    private Dictionary<int, IReadOnlyList<SpoolId>>? _recovered = [];

    public QueueActor(QueueServices services)
    {
        _services = services;
        _log = services.Loggers.CreateLogger<QueueActor>();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(QueueServices services) => ActorFactory.Props(() => new QueueActor(services));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(MemoryReturn), MemoryReturn.Look.Instance, MemoryReturn.Interval);
        if (_services.IsShared)
        {
            _recovered = null;
            _shards = QueueShards.Start(Context.System, _services);
            FindOrphans();
            return;
        }

        for (var i = 0; i < Partitions; i++)
        {
            var options = Backoff.OnStop(QueuePartitionActor.Props(_services, i), "partition", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), 0.2, -1);
            _partitions[i] = Context.ActorOf(BackoffSupervisor.Props(options), $"partition-{i}");
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case QueueProtocol.IWithMessage about:
                Pass(PartitionOf(about.Message), message);
                break;
            case QueueProtocol.List list:
                Pass(list.Partition, message);
                break;
            case QueueProtocol.Unknown unknown:
                OnUnknown(unknown);
                break;
            case LookForOrphans:
                FindOrphans();
                break;
            case MemoryReturn.Look:
                _memory.Check();
                break;
            case QueueProtocol.Recovered recovered:
                OnRecovered(recovered);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>The same for ever: a message is found in the journal of its partition.</summary>
    internal static int PartitionOf(SpoolId message)
    {
        // FNV-1a
        var hash = 2166136261u;
        foreach (var c in message.Value) hash = (hash ^ c) * 16777619u;
        return (int)(hash % Partitions);
    }

    private void Pass(int partition, object message)
    {
        if (_shards is null) _partitions[partition].Forward(message);
        else _shards.Tell(partition, message, Sender);
    }

    private void OnRecovered(QueueProtocol.Recovered recovered)
    {
        // A partition that is restarted later has nothing to compare.
        if (_recovered is null) return;
        _recovered[recovered.Partition] = recovered.Messages;
        if (_recovered.Count < Partitions) return;
        Reconcile(_recovered.Values.SelectMany(static m => m).ToHashSet());
        _recovered = null;
    }

    private void Reconcile(HashSet<SpoolId> queued)
    {
        var spooled = _services.SpooledAtStart.ToHashSet();
        var orphans = spooled.Where(m => !queued.Contains(m)).ToArray();
        foreach (var orphan in orphans) _services.Spool.Remove(orphan);
        var lost = queued.Where(m => !spooled.Contains(m)).ToArray();
        foreach (var group in lost.GroupBy(PartitionOf)) _partitions[group.Key].Tell(new QueueProtocol.ContentLost([.. group]));
        if (queued.Count > 0 || orphans.Length > 0) LogReconciled(queued.Count, orphans.Length);
        foreach (var message in lost) LogLost(message);
        _services.SpooledAtStart = [];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The queue holds {Queued} messages; {Orphans} files of the spool were never acknowledged and are removed")]
    private partial void LogReconciled(int queued, int orphans);

    [LoggerMessage(Level = LogLevel.Error, Message = "The content of queued message {Message} is missing in the spool; it is given up")]
    private partial void LogLost(SpoolId message);
}

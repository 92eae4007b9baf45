using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using MailServer.Actors.Common;
using MailServer.Domain.Formatting;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>
/// Monitors cluster membership, logs changes, and publishes <see cref="NodeLost"/> when a node is removed. Records the events of all nodes for the admin
/// API; a node that joins requests the earlier events from the others.
/// </summary>
/// <param name="node">Name of this node.</param>
/// <param name="time">Clock for event times.</param>
/// <param name="log">The log.</param>
internal sealed partial class ClusterMonitorActor(string node, TimeProvider time, ILogger log) : UntypedActor, IWithTimers
{
    public const string Name = "cluster";

    public const string Path = "/user/" + Name;

    private const int MostRemembered = 500;

    // A node that dies moves a hundred shards: one event summarises them.
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly HashSet<IActorRef> _followers = [];
    private readonly Dictionary<(string Type, Address Node), int> _placed = [];
    private List<ClusterEventDescription> _events = [];

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(string node, TimeProvider time, ILogger log) => ActorFactory.Props(() => new ClusterMonitorActor(node, time, log));

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(LocalClusterEvent));
        Context.System.EventStream.Subscribe(Self, typeof(ShardPlaced));
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _cluster.Unsubscribe(Self);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.IClusterDomainEvent seen:
                OnCluster(seen);
                break;
            case NodeLost lost:
                Context.System.EventStream.Publish(lost);
                break;
            case LocalClusterEvent happening:
                Note(happening.Kind, happening.Node ?? node, happening.Text, forAll: true);
                break;
            case ShardPlaced placed:
                _placed[(placed.Type, placed.Node)] = _placed.GetValueOrDefault((placed.Type, placed.Node)) + 1;
                if (!Timers.IsTimerActive(nameof(ShardSummaryDue))) Timers.StartSingleTimer(nameof(ShardSummaryDue), ShardSummaryDue.Instance, Gather);
                break;
            case ShardSummaryDue:
                NotePlaced();
                break;
            case ClusterProtocol.EventRecorded elsewhere:
                Remember(elsewhere);
                break;
            case ClusterProtocol.GetEventHistory:
                Sender.Tell(new ClusterProtocol.EventHistory([.. _events]));
                break;
            case RequestHistory:
                Tell(ClusterProtocol.GetEventHistory.Instance);
                break;
            case ClusterProtocol.EventHistory recalled:
                _events = [.. _events.Union(recalled.Events).OrderBy(static e => e.At).TakeLast(MostRemembered)];
                break;
            case ClusterProtocol.FollowEvents follow:
                _followers.Add(Context.Watch(follow.Watcher));
                break;
            case Terminated terminated:
                _followers.Remove(terminated.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnCluster(ClusterEvent.IClusterDomainEvent seen)
    {
        switch (seen)
        {
            case ClusterEvent.MemberRemoved removed:
                var (gone, was) = (ClusterNames.Of(removed.Member), removed.PreviousStatus);
                LogGone(gone, was);
                Note(ClusterEventKind.Removed, gone, string.Create(CultureInfo.InvariantCulture, $"was removed from the cluster (was {was})"), forAll: false);
                // The regions receive this event at the same moment; retried requests must not go to the dead node again.
                Timers.StartSingleTimer(removed.Member.Address, new NodeLost(removed.Member.Address), TimeSpan.FromMilliseconds(300));
                break;
            case ClusterEvent.IMemberEvent changed:
                var (name, status) = (ClusterNames.Of(changed.Member), changed.Member.Status);
                LogChanged(name, status);
                Note(ClusterEventKind.Member, name, string.Create(CultureInfo.InvariantCulture, $"is {status}"), forAll: false);
                if (status == MemberStatus.Up && changed.Member.Equals(_cluster.SelfMember)) Timers.StartSingleTimer(nameof(RequestHistory), RequestHistory.Instance, Gather);
                break;
            case ClusterEvent.UnreachableMember unreachable:
                var silent = ClusterNames.Of(unreachable.Member);
                LogUnreachable(silent);
                Note(ClusterEventKind.Unreachable, silent, $"cannot be reached by {node}", forAll: true);
                break;
            case ClusterEvent.ReachableMember back:
                var returned = ClusterNames.Of(back.Member);
                LogReachable(returned);
                Note(ClusterEventKind.Reachable, returned, $"can be reached by {node} again", forAll: true);
                break;
        }
    }

    private void NotePlaced()
    {
        foreach (var ((type, address), count) in _placed)
        {
            var home = _cluster.State.Members.FirstOrDefault(m => m.Address == address) is { } member ? ClusterNames.Of(member) : address.ToString();
            Note(ClusterEventKind.Shards, home, $"has {Quantity.Of(count, "more shard", "more shards")} of {type}", forAll: true);
        }

        _placed.Clear();
    }

    /// <summary>Events that every node observes itself are not sent to the other nodes.</summary>
    private void Note(ClusterEventKind kind, string about, string text, bool forAll)
    {
        var happened = new ClusterProtocol.EventRecorded(new ClusterEventDescription(time.GetUtcNow(), kind, about, node, text));
        Remember(happened);
        if (forAll) Tell(happened);
    }

    private void Remember(ClusterProtocol.EventRecorded happened)
    {
        if (_events.Count >= MostRemembered) _events.RemoveAt(0);
        _events.Add(happened.Event);
        foreach (var follower in _followers) follower.Tell(happened);
    }

    /// <summary>Sends to the monitors of the other nodes.</summary>
    private void Tell(object message)
    {
        foreach (var (_, other) in ClusterPeers.Of(Context.System, Name, Self).Skip(1)) other.Tell(message, Self);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} was removed from the cluster (was {Status})")]
    private partial void LogGone(string node, MemberStatus status);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} is {Status}")]
    private partial void LogChanged(string node, MemberStatus status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} is unreachable")]
    private partial void LogUnreachable(string node);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} is reachable again")]
    private partial void LogReachable(string node);

    private sealed class ShardSummaryDue
    {
        public static ShardSummaryDue Instance { get; } = new();
    }

    private sealed class RequestHistory
    {
        public static RequestHistory Instance { get; } = new();
    }
}

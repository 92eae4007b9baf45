using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>Watches who is of the cluster, writes it down, and tells this node when another is gone.</summary>
internal sealed partial class ClusterWatchActor(ILogger log) : UntypedActor, IWithTimers
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ILogger log) => ActorFactory.Props(() => new ClusterWatchActor(log));

    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.MemberRemoved removed:
                var (gone, was) = (ClusterNames.Of(removed.Member), removed.PreviousStatus);
                LogGone(gone, was);
                // The doors to mailboxes hear of it at this moment too; what is asked again must not go to the dead once more.
                Timers.StartSingleTimer(removed.Member.Address, new NodeLost(removed.Member.Address), TimeSpan.FromMilliseconds(300));
                break;
            case NodeLost lost:
                Context.System.EventStream.Publish(lost);
                break;
            case ClusterEvent.IMemberEvent changed:
                var (name, status) = (ClusterNames.Of(changed.Member), changed.Member.Status);
                LogChanged(name, status);
                break;
            case ClusterEvent.UnreachableMember unreachable:
                LogUnreachable(ClusterNames.Of(unreachable.Member));
                break;
            case ClusterEvent.ReachableMember back:
                var returned = ClusterNames.Of(back.Member);
                LogReachable(returned);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} is no longer of the cluster (it was {Status})")]
    private partial void LogGone(string node, MemberStatus status);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} is {Status}")]
    private partial void LogChanged(string node, MemberStatus status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} cannot be reached")]
    private partial void LogUnreachable(string node);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} can be reached again")]
    private partial void LogReachable(string node);
}

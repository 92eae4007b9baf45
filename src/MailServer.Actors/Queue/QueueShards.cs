using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;
using MailServer.Actors.Entities;

namespace MailServer.Actors.Queue;

/// <summary>The partitions of the queue in a cluster: each always runs on one of the nodes, and moves when that node leaves.</summary>
internal sealed class QueueShards
{
    private const string Name = "queue";
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(2);

    private readonly IActorRef _region;

    private QueueShards(IActorRef region) => _region = region;

    public static QueueShards Start(ActorSystem system, QueueServices services)
    {
        var settings = ShardedDaemonProcessSettings.Create(system).WithKeepAliveInterval(Alive);
        ShardedDaemonProcess.Get(system).Init(Name, QueueActor.Partitions, partition => QueuePartitionActor.Props(services, partition).WithMailbox(OfferMailbox.Id), settings, StopEntity.Instance);
        return new QueueShards(ClusterSharding.Get(system).ShardRegion("sharded-daemon-process-" + Name));
    }

    public void Tell(int partition, object message, IActorRef sender) =>
        _region.Tell(new ShardingEnvelope(partition.ToString(CultureInfo.InvariantCulture), message), sender);
}

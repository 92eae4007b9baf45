using Akka.Actor;
using MailServer.Actors.Collections;
using MailServer.Actors.Mailboxes;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>Starts the regions of mailboxes and collections: local, or sharded over the nodes of a cluster.</summary>
internal sealed class ClusterActors
{
    private readonly ActorSystem _system;
    private readonly ClusterServices? _cluster;

    public ClusterActors(ActorSystem system, NodeServices node)
    {
        _system = system;
        _cluster = node.Cluster;
        if (_cluster is null) return;
        system.ActorOf(ClusterWatchActor.Props(_cluster.Node, node.Time, node.Loggers.CreateLogger<ClusterWatchActor>()), ClusterWatchActor.Name);
        system.ActorOf(MembershipActor.Props(_cluster.CurrentCluster, _cluster.Seeds, node.Problems, node.Time, node.Loggers.CreateLogger<MembershipActor>()), MembershipActor.Name);
    }

    public ShardPlacement Placement { get; } = new();

    public IActorRef Mailboxes(MailboxServices services) => _system.ActorOf(
        _cluster is null
            ? MailboxActor.Region(services)
            : ClusterRegionActor.Props("mailboxes", (home, account) => MailboxActor.Props(account, services with { Home = home }), _cluster.Node, Placement),
        "mailboxes");

    public IActorRef Collections(CollectionServices services) => _system.ActorOf(
        _cluster is null
            ? CollectionsActor.Region(services)
            : ClusterRegionActor.Props("collections", (home, account) => CollectionsActor.Props(account, services with { Home = home }), _cluster.Node, Placement),
        "collections");
}

using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Cluster;

/// <summary>Starts the regions of mailboxes and collections: local, or sharded over the nodes of a cluster.</summary>
internal sealed class AccountRegions(IClusterNode node)
{
    private readonly ShardPlacement _placement = new();

    /// <summary>The region of one kind of actors.</summary>
    /// <param name="system">Where it is started.</param>
    /// <param name="name">Its name, and that of its shards.</param>
    /// <param name="alone">The region of a node without a cluster.</param>
    /// <param name="child">Makes an account's actor in a cluster; it is given its home.</param>
    public IActorRef Region(ActorSystem system, string name, Props alone, Func<EntityHost, AccountId, Props> child) =>
        system.ActorOf(node.Cluster is { } cluster ? ClusterRegionActor.Props(name, child, cluster.Node, _placement) : alone, name);
}

using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Cluster;

/// <summary>Starts the regions of mailboxes and collections: local, or sharded over the nodes of a cluster.</summary>
internal sealed class AccountRegions(IClusterNode node)
{
    private readonly ShardPlacement _placement = new();

    /// <summary>Starts the region of one kind of actor.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="name">The name of the region and of its shard type.</param>
    /// <param name="alone">The region without a cluster.</param>
    /// <param name="child">Creates an account's actor in a cluster.</param>
    /// <param name="refusal">The answer that refuses a request temporarily; null when the request expects no answer.</param>
    public IActorRef Region(ActorSystem system, string name, Props alone, Func<EntityHost, AccountId, Props> child, Func<IForAccount, object?> refusal) =>
        system.ActorOf(node.Cluster is { } cluster ? ClusterRegionActor.Props(new ClusterRegionSettings(name, child, refusal, cluster.Node, _placement, node.Time)) : alone, name);
}

using Akka.Actor;

namespace MailServer.Actors.Cluster;

/// <summary>The type of a cluster event.</summary>
public enum ClusterEventKind
{
    /// <summary>A node joined, is up, or is leaving.</summary>
    Member,

    /// <summary>A node was removed from the cluster.</summary>
    Removed,

    /// <summary>A node cannot reach another node.</summary>
    Unreachable,

    /// <summary>A node can reach another node again.</summary>
    Reachable,

    /// <summary>The lease that decides which side of a partition survives was acquired, released or lost.</summary>
    Lease,

    /// <summary>Shards were allocated to a node.</summary>
    Shards,

    /// <summary>A singleton started on another node.</summary>
    Singleton,
}

/// <summary>An event in the cluster.</summary>
/// <param name="At">Time of the event, by the clock of the node that observed it.</param>
/// <param name="Kind">Type of the event.</param>
/// <param name="Node">The node that the event is about.</param>
/// <param name="SeenBy">The node that observed it.</param>
/// <param name="Text">Description for administrators.</param>
public sealed record ClusterEventDescription(DateTimeOffset At, ClusterEventKind Kind, string Node, string SeenBy, string Text);

/// <summary>Published on the event stream of the node where the event occurs. <paramref name="Node"/> is null for this node.</summary>
internal sealed record LocalClusterEvent(ClusterEventKind Kind, string? Node, string Text);

/// <summary>Published on the coordinator's node for each shard that it allocates.</summary>
internal sealed record ShardPlaced(string Type, string Shard, Address Node);

using Akka.Actor;

namespace MailServer.Actors.Cluster;

/// <summary>What kind of thing happened in a cluster.</summary>
public enum ClusterEventKind
{
    /// <summary>A node joined, is up, or leaves.</summary>
    Member,

    /// <summary>A node is of the cluster no more.</summary>
    Removed,

    /// <summary>A node does not hear of another.</summary>
    Unreachable,

    /// <summary>It hears of it again.</summary>
    Reachable,

    /// <summary>The lease that decides who goes on was taken, let go or lost.</summary>
    Lease,

    /// <summary>Shards of accounts have got a home.</summary>
    Shards,

    /// <summary>What one node does is done by another from now on.</summary>
    Singleton,
}

/// <summary>Something that happened in the cluster.</summary>
/// <param name="At">When, by the clock of the node that saw it.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Node">The node that it is about.</param>
/// <param name="SeenBy">The node that saw it.</param>
/// <param name="Text">For people.</param>
public sealed record ClusterEventDescription(DateTimeOffset At, ClusterEventKind Kind, string Node, string SeenBy, string Text);

/// <summary>Published on the event stream of the node where it happens. <paramref name="Node"/> is null for that one.</summary>
internal sealed record ClusterHappening(ClusterEventKind Kind, string? Node, string Text);

/// <summary>Published where the coordinator is, for each shard that it finds a home for.</summary>
internal sealed record ShardPlaced(string Type, string Shard, Address Node);

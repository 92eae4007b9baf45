using Akka.Actor;

namespace MailServer.Actors.Cluster;

/// <summary>Messages between nodes for cluster administration.</summary>
internal static class ClusterProtocol
{
    /// <summary>Moves the shard to the node at this address; every node remembers the placement.</summary>
    public sealed record MoveShard(string Type, string Shard, string Node);

    /// <summary>Requests the number of open accounts on this node, by shard. Answered with <see cref="ShardCounts"/>.</summary>
    public sealed record GetShardCounts
    {
        public static GetShardCounts Instance { get; } = new();
    }

    /// <summary>Number of open accounts on this node, by shard.</summary>
    public sealed record ShardCounts(IReadOnlyList<KeyValuePair<string, int>> Shards);

    /// <summary>An event on the sending node.</summary>
    public sealed record EventRecorded(ClusterEventDescription Event);

    /// <summary>Requests the recorded events. Answered with <see cref="EventHistory"/>.</summary>
    public sealed record GetEventHistory
    {
        public static GetEventHistory Instance { get; } = new();
    }

    /// <summary>The latest events, oldest first.</summary>
    public sealed record EventHistory(IReadOnlyList<ClusterEventDescription> Events);

    /// <summary>Sends each <see cref="EventRecorded"/> from now on to the watcher, which is on this node.</summary>
    public sealed record FollowEvents(IActorRef Watcher);
}

/// <summary>A node in the admin API.</summary>
/// <param name="Name">Name of the node.</param>
/// <param name="Address">Address at which other nodes reach it.</param>
/// <param name="Status">Joining, Up, Leaving, Exiting or Down.</param>
/// <param name="Reachable">Whether the responding node can reach it.</param>
/// <param name="IsOldest">Whether it is the oldest node, which runs the singletons.</param>
/// <param name="IsSelf">Whether it is the responding node.</param>
/// <param name="Mailboxes">Open mailboxes; null when the node does not answer.</param>
/// <param name="Collections">Open collections actors.</param>
/// <param name="Sessions">Client connections.</param>
public sealed record ClusterNodeDescription(
    string Name, string Address, string Status, bool Reachable, bool IsOldest, bool IsSelf, int? Mailboxes, int? Collections, int? Sessions);

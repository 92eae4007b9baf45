using Akka.Actor;

namespace MailServer.Actors.Cluster;

/// <summary>What nodes are told by the administration.</summary>
internal static class ClusterProtocol
{
    /// <summary>The shard is to be on the node at this address; every node remembers it.</summary>
    public sealed record Put(string Type, string Shard, string Node);

    /// <summary>Which accounts live in the shards of this node? Answered with <see cref="Places"/>.</summary>
    public sealed record WhatIsHere
    {
        public static WhatIsHere Instance { get; } = new();
    }

    /// <summary>How many accounts are open here, by shard.</summary>
    public sealed record Places(IReadOnlyList<KeyValuePair<string, int>> Shards);

    /// <summary>Something happened on the node that says so.</summary>
    public sealed record Happened(ClusterEventDescription Event);

    /// <summary>What has happened? Answered with <see cref="Recalled"/>.</summary>
    public sealed record Recall
    {
        public static Recall Instance { get; } = new();
    }

    /// <summary>The last events, oldest first.</summary>
    public sealed record Recalled(IReadOnlyList<ClusterEventDescription> Events);

    /// <summary>The watcher, on this node, is told each <see cref="Happened"/> from now on.</summary>
    public sealed record Follow(IActorRef Watcher);
}

/// <summary>A node as the administration sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where the others reach it.</param>
/// <param name="Status">Joining, Up, Leaving, Exiting, Down.</param>
/// <param name="Reachable">Whether the node that was asked hears of it.</param>
/// <param name="IsOldest">It has what there is one of.</param>
/// <param name="IsSelf">It is the one that was asked.</param>
/// <param name="Mailboxes">Open mailboxes; null when it does not answer.</param>
/// <param name="Collections">Open collections.</param>
/// <param name="Sessions">Connections.</param>
public sealed record ClusterNodeDescription(
    string Name, string Address, string Status, bool Reachable, bool IsOldest, bool IsSelf, int? Mailboxes, int? Collections, int? Sessions);

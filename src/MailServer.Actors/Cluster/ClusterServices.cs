using System.Net;
using Akka.Configuration;
using MailServer.Network.NodeLinks;
using MailServer.Storage.Postgres;

namespace MailServer.Actors.Cluster;

/// <summary>How a node takes part in a cluster; composed by the executable.</summary>
public sealed record ClusterServices
{
    /// <summary>How long the note of a cluster lives that nobody renews, since its last member has died.</summary>
    public static readonly TimeSpan NoteLives = TimeSpan.FromSeconds(6);

    /// <summary>The name of this node, never that of another.</summary>
    public required string Node { get; init; }

    /// <summary>The address that it listens on for other nodes.</summary>
    public required IPAddress Listen { get; init; }

    /// <summary>The address under which other nodes reach it.</summary>
    public required string PublicAddress { get; init; }

    public required int Port { get; init; }

    /// <summary>Host and port of all nodes, in any order: who starts asks them where the cluster is when the database does not say it.</summary>
    public required IReadOnlyList<(string Host, int Port)> Seeds { get; init; }

    /// <summary>What kind of node it is.</summary>
    public required string Role { get; init; }

    /// <summary>What this node shows to the others and whom it trusts, asked at each handshake; null: they speak in the clear, on a network of their own.</summary>
    public required Func<NodeIdentity>? Identity { get; init; }

    /// <summary>The database's note of which cluster is the current one; a node joins that, or founds one when there is none.</summary>
    public required ICurrentCluster CurrentCluster { get; init; }

    /// <summary>Where messages that are too large for the wire are left for each other.</summary>
    public required string LargeDirectory { get; init; }

    /// <summary>The rest of the actor system's configuration: <c>hocon/cluster.conf</c> and what decides a split.</summary>
    public required IReadOnlyList<Config> Hocon { get; init; }
}

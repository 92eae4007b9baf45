using System.Net;
using Akka.Configuration;
using MailServer.Network.NodeLinks;
using MailServer.Storage.Postgres;

namespace MailServer.Actors.Cluster;

/// <summary>Cluster settings of a node, composed by the executable.</summary>
public sealed record ClusterServices
{
    /// <summary>How long the current-cluster record stays valid without renewal after its last member has died.</summary>
    public static readonly TimeSpan RecordLifetime = TimeSpan.FromSeconds(6);

    /// <summary>Unique name of this node.</summary>
    public required string Node { get; init; }

    /// <summary>Address on which this node listens for other nodes.</summary>
    public required IPAddress Listen { get; init; }

    /// <summary>Address at which other nodes reach this node.</summary>
    public required string PublicAddress { get; init; }

    public required int Port { get; init; }

    /// <summary>Host and port of all nodes, in any order. A starting node contacts them when the database has no current-cluster record.</summary>
    public required IReadOnlyList<(string Host, int Port)> Seeds { get; init; }

    /// <summary>The cluster role of this node.</summary>
    public required string Role { get; init; }

    /// <summary>Certificate and trusted authorities of this node, read at each handshake; null: plain TCP on a private network.</summary>
    public required Func<NodeIdentity>? Identity { get; init; }

    /// <summary>The current-cluster record in the database. A node joins that cluster, or founds one if there is no record.</summary>
    public required ICurrentClusterRegistry CurrentCluster { get; init; }

    /// <summary>Directory for messages that are too large for the connection between nodes.</summary>
    public required string LargeDirectory { get; init; }

    /// <summary>Additional actor system configuration: <c>hocon/cluster.conf</c> and the split-brain lease.</summary>
    public required IReadOnlyList<Config> Hocon { get; init; }
}

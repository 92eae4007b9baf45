using System.Net;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;

namespace MailServer.Actors.Cluster;

/// <summary>How a node takes part in a cluster; composed by the executable.</summary>
public sealed record ClusterServices
{
    /// <summary>The name of this node, never that of another.</summary>
    public required string Node { get; init; }

    /// <summary>The address that it listens on for other nodes.</summary>
    public required IPAddress Listen { get; init; }

    /// <summary>The address under which other nodes reach it.</summary>
    public required string PublicAddress { get; init; }

    public required int Port { get; init; }

    /// <summary>Host and port of nodes to ask where the cluster is; the first of them may found it.</summary>
    public required IReadOnlyList<(string Host, int Port)> Seeds { get; init; }

    /// <summary>What kind of node it is.</summary>
    public required string Role { get; init; }

    /// <summary>What this node shows to the others, with its key; null: they speak in the clear, on a network of their own.</summary>
    public required X509Certificate2? Certificate { get; init; }

    /// <summary>Who signed the certificates of the nodes; with <see cref="Certificate"/>.</summary>
    public required X509Certificate2Collection Authorities { get; init; }

    /// <summary>Where messages that are too large for the wire are left for each other.</summary>
    public required string LargeDirectory { get; init; }

    /// <summary>The rest of the actor system's configuration: <c>hocon/cluster.conf</c> and what decides a split.</summary>
    public required IReadOnlyList<Config> Hocon { get; init; }
}

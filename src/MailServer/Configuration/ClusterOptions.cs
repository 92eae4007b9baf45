using System.Net;

namespace MailServer.Configuration;

/// <summary>Section <c>cluster</c>: two nodes that share a file system and a database.</summary>
public sealed record ClusterOptions
{
    /// <summary>This node is one of a cluster; without it nothing of clustering starts.</summary>
    public bool Enabled { get; init; }

    /// <summary>The name of this node, never that of another: its own files lie in <c>node/NAME</c> of the data directory.</summary>
    public string Node { get; init; } = "";

    /// <summary>The address that it listens on for other nodes.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Any;

    public int Port { get; init; } = 2551;

    /// <summary>The address or name under which other nodes reach it; null: what it listens on.</summary>
    public string? PublicAddress { get; init; }

    /// <summary>All nodes, in the same order on each: the first of them founds the cluster when there is none.</summary>
    public IReadOnlyList<HostPort> Seeds { get; init; } = [];

    /// <summary>What kind of node it is.</summary>
    public string Role { get; init; } = "mail";

    /// <summary>What this node shows to the others, in PEM; null: nodes speak in the clear.</summary>
    public string? TlsCertFile { get; init; }

    /// <summary>Its private key, in PEM.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>Who signs the certificates of nodes, in PEM: nobody else is spoken with.</summary>
    public string? TlsCaFile { get; init; }
}

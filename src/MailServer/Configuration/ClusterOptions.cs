using System.Net;

namespace MailServer.Configuration;

/// <summary>Section <c>cluster</c>: several nodes that serve the same accounts.</summary>
public sealed record ClusterOptions
{
    public bool Enabled { get; init; }

    /// <summary>This node's name; null: the machine's.</summary>
    public string? Node { get; init; }

    /// <summary>The connection string of the PostgreSQL database that the nodes share. It may hold a password: it is never shown.</summary>
    public string? Database { get; init; }

    /// <summary>A file that has it on its first line.</summary>
    public string? DatabaseFile { get; init; }

    /// <summary>The address that it listens on for other nodes.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Any;

    public int Port { get; init; } = 2551;

    /// <summary>The address or name under which other nodes reach it; null: what it listens on.</summary>
    public string? PublicAddress { get; init; }

    /// <summary>All nodes, in any order: a node that starts asks them when the database does not say where the cluster is.</summary>
    public IReadOnlyList<HostPort> Seeds { get; init; } = [];

    /// <summary>What kind of node it is.</summary>
    public string Role { get; init; } = "mail";

    /// <summary>What this node shows to the others, in PEM; null: nodes speak in the clear.</summary>
    public string? TlsCertFile { get; init; }

    /// <summary>Its private key, in PEM.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>Who signs the certificates of nodes, in PEM: nobody else is spoken with.</summary>
    public string? TlsCaFile { get; init; }

    /// <summary>The node's name, configured or not.</summary>
    public string NodeName => Node ?? Environment.MachineName;

    /// <summary>The connection string, wherever it stands.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public string ReadConnection()
    {
        if (Database is not null) return Database;
        if (DatabaseFile is null) throw new InvalidDataException("cluster.database is not set");
        var line = File.ReadLines(DatabaseFile).FirstOrDefault()?.Trim();
        return string.IsNullOrEmpty(line) ? throw new InvalidDataException($"the first line of '{DatabaseFile}' holds no connection string") : line;
    }

    /// <summary>Never the connection string: this may reach a log.</summary>
    public override string ToString() => $"ClusterOptions {{ Enabled = {Enabled}, Node = {NodeName} }}";
}

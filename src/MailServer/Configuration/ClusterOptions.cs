using System.Net;
using MailServer.Common;

namespace MailServer.Configuration;

/// <summary>Section <c>cluster</c>: several nodes serving the same accounts.</summary>
public sealed record ClusterOptions
{
    public bool Enabled { get; init; }

    /// <summary>This node's name; null: the machine name.</summary>
    public string? Node { get; init; }

    /// <summary>The connection string of the shared PostgreSQL database. It may contain a password and must never be printed.</summary>
    public string? Database { get; init; }

    /// <summary>A file whose first line is the connection string.</summary>
    public string? DatabaseFile { get; init; }

    /// <summary>The address to listen on for other nodes.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Any;

    public int Port { get; init; } = 2551;

    /// <summary>The address or name at which other nodes reach this one; null: the listening address.</summary>
    public string? PublicAddress { get; init; }

    /// <summary>All nodes, in any order. A starting node contacts them if the database has no current cluster.</summary>
    public IReadOnlyList<HostPort> Seeds { get; init; } = [];

    /// <summary>The role of this node.</summary>
    public string Role { get; init; } = "mail";

    /// <summary>This node's certificate for connections between nodes, in PEM; null: these connections are not encrypted.</summary>
    public string? TlsCertFile { get; init; }

    /// <summary>Its private key, in PEM.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>The authority that signs the nodes' certificates, in PEM. Other certificates are rejected.</summary>
    public string? TlsCaFile { get; init; }

    /// <summary>The node's name, configured or default.</summary>
    public string NodeName => Node ?? Environment.MachineName;

    /// <summary>Reads the connection string from the configuration or its file.</summary>
    /// <exception cref="InvalidDataException">None is configured, or the file is empty.</exception>
    public string ReadConnection()
    {
        if (Database is not null) return Database;
        if (DatabaseFile is null) throw new InvalidDataException("cluster.database is not set");
        var line = NamedFile.ReadFirstLine(DatabaseFile)?.Trim();
        return string.IsNullOrEmpty(line) ? throw new InvalidDataException($"the first line of '{DatabaseFile}' must contain a connection string") : line;
    }

    /// <summary>Omits the connection string, because the text may be logged.</summary>
    public override string ToString() => $"ClusterOptions {{ Enabled = {Enabled}, Node = {NodeName} }}";
}

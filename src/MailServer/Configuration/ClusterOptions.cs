using System.Net;
using MailServer.Common;

namespace MailServer.Configuration;

/// <summary>Section <c>cluster</c>: several nodes serving the same accounts.</summary>
public sealed record ClusterOptions
{
    [Key("Run this server as a node of a cluster.")]
    public bool Enabled { get; init; }

    [Key(
        "The name of this node. Files that only this node writes are in `node/NAME` of `storage.data_dir`. Default: the machine's name.",
        Value = nameof(ConfigurationValues.HostName), Example = "mail-a")]
    public string? Node { get; init; }

    /// <summary>The connection string of the shared PostgreSQL database. It may contain a password and must never be printed.</summary>
    [Key(
        "The connection string of the database. It contains a password: better use the environment variable `MAILSERVER_CLUSTER__DATABASE`, or `database_file`.",
        Example = "Host=db.example.org;Database=mailserver;Username=mailserver;SSL Mode=VerifyFull")]
    public string? Database { get; init; }

    [Key("A file whose first line is the connection string. Only the server's user should be able to read it.", Example = "/etc/mailserver/database")]
    public string? DatabaseFile { get; init; }

    [Key("The IP address to listen on for other nodes, in a network of their own.")]
    public IPAddress Listen { get; init; } = IPAddress.Any;

    [Key("The port for other nodes.", Value = nameof(ConfigurationValues.Port))]
    public int Port { get; init; } = 2551;

    [Key("The address or name at which other nodes reach this one. Default: `listen`, if it is a single address.", Example = "192.0.2.1")]
    public string? PublicAddress { get; init; }

    [Key("All nodes as `address:port`, in any order. A starting node contacts them if the database has no current cluster.")]
    public IReadOnlyList<HostPort> Seeds { get; init; } = [];

    [Key("The role of this node.", Value = nameof(ConfigurationValues.NodeName))]
    public string Role { get; init; } = "mail";

    [Key(
        "The certificate of this node for connections between nodes, in PEM. Without the three files these connections are neither encrypted nor authenticated.",
        Example = "/etc/mailserver/cluster/node.pem", IsFileReread = true)]
    public string? TlsCertFile { get; init; }

    [Key("Its private key, in PEM.", Example = "/etc/mailserver/cluster/node.key", IsFileReread = true)]
    public string? TlsKeyFile { get; init; }

    [Key("The authority that signs the certificates of all nodes, in PEM.", Example = "/etc/mailserver/cluster/ca.pem", IsFileReread = true)]
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

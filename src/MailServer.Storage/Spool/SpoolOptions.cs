using MailServer.Domain;

namespace MailServer.Storage.Spool;

/// <summary>Where accepted messages lie until they are delivered everywhere.</summary>
public sealed record SpoolOptions
{
    /// <summary><c>data_dir/spool</c>; made when missing.</summary>
    public required string Directory { get; init; }

    /// <summary>The name of this node in spool ids.</summary>
    public string Node { get; init; } = "local";

    /// <summary>Other nodes have their messages in the same directory.</summary>
    public bool IsShared { get; init; }

    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Whether the disk is full, so that new messages are refused; mail that is there is still delivered.</summary>
    public Func<bool> IsFull { get; init; } = static () => false;
}

using MailServer.Domain;

namespace MailServer.Storage.Spool;

/// <summary>Location and settings of the spool.</summary>
public sealed record SpoolOptions
{
    /// <summary>The directory <c>data_dir/spool</c>; created if it is missing.</summary>
    public required string Directory { get; init; }

    /// <summary>The node name in spool ids.</summary>
    public string Node { get; init; } = "local";

    /// <summary>True if other nodes use the same directory.</summary>
    public bool IsShared { get; init; }

    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Returns whether the disk is full; new messages are then refused, but existing ones are still delivered.</summary>
    public Func<bool> IsFull { get; init; } = static () => false;
}

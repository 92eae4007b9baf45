using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.TextIndex;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Location and settings of one mailbox.</summary>
public sealed record MailboxStoreOptions
{
    /// <summary>The directory <c>maildir/user_N</c>; created if it is missing.</summary>
    public required string Directory { get; init; }

    /// <summary>The directory of the spooled messages that <see cref="MailboxStore.Stage"/> links.</summary>
    public required string SpoolDirectory { get; init; }

    /// <summary>The expected owner; null skips the check.</summary>
    public Account? Owner { get; init; }

    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>The annotations of the server, which all users see and only its administrator sets (RFC 5464 §3.2.1.1).</summary>
    public IReadOnlyList<Annotation> ServerAnnotations { get; init; } = [];

    /// <summary>Makes file names durable with fsync before replies are sent. False only in tests.</summary>
    public bool SyncDirectories { get; init; } = true;

    /// <summary>Settings of the text index; null: searches read the messages, and an index that exists is left alone.</summary>
    public TextIndexOptions? TextIndex { get; init; }

    /// <summary>Called between the steps of a change, where a crash could occur; tests inspect the disk there.</summary>
    internal Action<string>? FaultPoint { get; init; }
}

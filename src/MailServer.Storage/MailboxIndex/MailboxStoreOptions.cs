using MailServer.Domain;
using MailServer.Domain.Accounts;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Where one mailbox lies.</summary>
public sealed record MailboxStoreOptions
{
    /// <summary><c>maildir/user_N</c>; made when missing.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the spooled messages are that <see cref="MailboxStore.Stage"/> links.</summary>
    public required string SpoolDirectory { get; init; }

    /// <summary>Whose mailbox it must be; null: not known, so it is not looked at.</summary>
    public Account? Owner { get; init; }

    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Makes names durable by fsync before anything is answered. Off only where nothing has to last (tests).</summary>
    public bool SyncDirectories { get; init; } = true;

    /// <summary>Called between the steps of changes that a crash may part; tests look at the disk there.</summary>
    internal Action<string>? Passing { get; init; }
}

using MailServer.Domain.Access;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>
/// Read access to the directory for sessions and delivery. Results are always current: the next call
/// sees a change made by the command line in another process. Cached results complete synchronously.
/// </summary>
public interface IDirectory
{
    /// <summary>Resolves the destination of mail for <paramref name="address"/>: expands aliases by one step and applies names of domains, subaddresses, patterns and the catch-all.</summary>
    ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel);

    /// <summary>True if <paramref name="domain"/> (normalised) is hosted here.</summary>
    ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel);

    /// <summary>Returns the account with the login name <paramref name="login"/> and its credentials; null if there is none.</summary>
    ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel);

    /// <summary>True if <paramref name="account"/> may send as <paramref name="sender"/>: its address, a subaddress of it, or an alias that leads to it.</summary>
    ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel);

    /// <summary>Returns the account's own address followed by its aliases, without catch-alls. At most a few hundred.</summary>
    ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel);

    /// <summary>A number that increases with every change of the directory by any process.</summary>
    long Version { get; }

    /// <summary>Returns the current account; null if it has been removed.</summary>
    ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel);

    /// <summary>The accounts that may share mail folders with this account, sorted by address: perhaps too many, because a share that ended stays listed, but never too few.</summary>
    ValueTask<IReadOnlyList<Account>> SharersAsync(AccountId guest, CancellationToken cancel) => new([]);

    /// <summary>Notes that an account shares a mail folder with another one, or with all (null). Called before the folder is shared.</summary>
    ValueTask AddShareAsync(AccountId owner, AccountId? guest, CancellationToken cancel) => default;
}

/// <summary>The result of resolving an address.</summary>
public abstract record RecipientResolution
{
    private RecipientResolution() { }

    /// <summary>A local account. <paramref name="Tag"/> is the subaddress, or null.</summary>
    public sealed record Local(AccountId Account, EmailAddress Address, string? Tag) : RecipientResolution;

    /// <summary>An alias or catch-all. Each target must be resolved in turn (bounded by <see cref="Limits.AliasDepth"/>).</summary>
    public sealed record Alias(IReadOnlyList<EmailAddress> Targets) : RecipientResolution;

    /// <summary>A mailing list. Its members are resolved when a message is posted.</summary>
    public sealed record List(MailingList Details) : RecipientResolution;

    /// <summary>The domain is hosted, but the address does not exist (550 5.1.1).</summary>
    public sealed record Unknown : RecipientResolution;

    /// <summary>The address belongs to a disabled account or alias, or its whole domain is disabled (550 5.2.1).</summary>
    public sealed record Disabled(bool IsDomain = false) : RecipientResolution;

    /// <summary>The domain is not hosted here.</summary>
    public sealed record Remote : RecipientResolution;
}

/// <summary>An account with its credentials. <paramref name="Scram"/> is null if the password was set without SCRAM keys.</summary>
public sealed record AccountCredentials(Account Account, string PasswordHash, ScramKeys? Scram)
{
    public IReadOnlyList<AppPassword> AppPasswords { get; init; } = [];

    /// <summary>True if the account's own password is valid only for its web page; mail and calendar clients need app passwords.</summary>
    public bool AppPasswordsOnly { get; init; }

    /// <summary>The secret for one-time codes on the web page; null if they are not enabled.</summary>
    public TotpSecret? Totp { get; init; }

    /// <summary>The number of recovery codes that are left.</summary>
    public int RecoveryCodes { get; init; }

    /// <summary>Identifies the account's own password.</summary>
    public CredentialFingerprint OwnPasswordFingerprint => CredentialFingerprint.Of(PasswordHash, Scram);

    /// <summary>True if a client that signed in with this credential could still do so.</summary>
    public bool Accepts(CredentialFingerprint stamp, DateTimeOffset now) => Account.Enabled
        && ((!AppPasswordsOnly && stamp == OwnPasswordFingerprint) || AppPasswords.Any(password => stamp == CredentialFingerprint.Of(password) && !password.HasExpiredAt(now)));

    /// <summary>Omits the hash, because the text may reach a log.</summary>
    public override string ToString() => $"AccountCredentials {{ Account = {Account.Address} }}";
}

/// <summary>SCRAM-SHA-256 keys of a password (RFC 5802 §3, RFC 7677), which verify a proof without the password.</summary>
public sealed record ScramKeys(ReadOnlyMemory<byte> Salt, int Iterations, ReadOnlyMemory<byte> StoredKey, ReadOnlyMemory<byte> ServerKey);

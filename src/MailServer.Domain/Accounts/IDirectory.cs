using MailServer.Domain.Access;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>
/// What sessions and delivery ask of the directory. Answers are those of the moment: a change made by the command line
/// in another process is seen by the next question. Answers that are cached complete synchronously.
/// </summary>
public interface IDirectory
{
    /// <summary>Where mail for <paramref name="address"/> goes: aliases expanded one step, subaddress and catch-all applied.</summary>
    ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel);

    /// <summary>True when mail for <paramref name="domain"/> (normalised) is received here.</summary>
    ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel);

    /// <summary>The account that signs in as <paramref name="login"/>, with its credentials; null when there is none.</summary>
    ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel);

    /// <summary>True when <paramref name="account"/> may send as <paramref name="sender"/>: its address, its subaddresses, or an alias of it.</summary>
    ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel);

    /// <summary>The account's own address first, then its aliases; a catch-all stands for none. At most some hundred.</summary>
    ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel);

    /// <summary>Grows whenever anything in the directory has changed, whoever changed it.</summary>
    long Version { get; }

    /// <summary>The account as it is now; null when it was removed.</summary>
    ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel);
}

/// <summary>Where one address leads.</summary>
public abstract record RecipientResolution
{
    private RecipientResolution() { }

    /// <summary>Mail of an account of this server; <paramref name="Tag"/> is the subaddress, if any.</summary>
    public sealed record Local(AccountId Account, EmailAddress Address, string? Tag) : RecipientResolution;

    /// <summary>An alias or catch-all: each target is to be resolved in turn (bounded by <see cref="Limits.AliasDepth"/>).</summary>
    public sealed record Alias(IReadOnlyList<EmailAddress> Targets) : RecipientResolution;

    /// <summary>The domain is hosted, the address is not known (550 5.1.1).</summary>
    public sealed record Unknown : RecipientResolution;

    /// <summary>The address belongs to a disabled account (550 5.2.1).</summary>
    public sealed record Disabled : RecipientResolution;

    /// <summary>The domain is not hosted here.</summary>
    public sealed record Remote : RecipientResolution;
}

/// <summary>An account with what its passwords are checked against. <paramref name="Scram"/> is null for a password never set with one.</summary>
public sealed record AccountCredentials(Account Account, string PasswordHash, ScramKeys? Scram)
{
    public IReadOnlyList<AppPassword> AppPasswords { get; init; } = [];

    /// <summary>The account's own password opens its page alone: devices need app passwords.</summary>
    public bool AppPasswordsOnly { get; init; }

    /// <summary>The account's page asks for a code too; null when it does not.</summary>
    public TotpSecret? Totp { get; init; }

    /// <summary>Identifies the account's own password.</summary>
    public CredentialStamp OwnPasswordStamp => CredentialStamp.Of(PasswordHash, Scram);

    /// <summary>Whether a device that signed in with this credential could do so now.</summary>
    public bool Holds(CredentialStamp stamp) =>
        Account.Enabled && ((!AppPasswordsOnly && stamp == OwnPasswordStamp) || AppPasswords.Any(password => stamp == CredentialStamp.Of(password)));

    /// <summary>Never the hash: this may reach a log.</summary>
    public override string ToString() => $"AccountCredentials {{ Account = {Account.Address} }}";
}

/// <summary>SCRAM-SHA-256 keys of one password (RFC 5802 §3, RFC 7677): they verify a proof without the password.</summary>
public sealed record ScramKeys(ReadOnlyMemory<byte> Salt, int Iterations, ReadOnlyMemory<byte> StoredKey, ReadOnlyMemory<byte> ServerKey);

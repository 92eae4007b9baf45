using MailServer.Domain.Access;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>
/// What an administrator changes in the directory. Each method is one transaction; what the rules forbid is thrown as
/// <see cref="DirectoryException"/>. Running servers see the change with their next question.
/// </summary>
public interface IDirectoryAdministration
{
    /// <summary>Mail for <paramref name="domain"/> (normalised) is received here from now on.</summary>
    ValueTask AddDomainAsync(string domain, CancellationToken cancel);

    ValueTask<IReadOnlyList<DomainEntry>> ListDomainsAsync(CancellationToken cancel);

    /// <summary>Removes a domain with its aliases. Its accounts are removed too when <paramref name="withAccounts"/>, else their existence refuses it.</summary>
    /// <returns>The accounts that were removed; their mail is still there.</returns>
    ValueTask<IReadOnlyList<Account>> RemoveDomainAsync(string domain, bool withAccounts, CancellationToken cancel);

    ValueTask<Account> AddAccountAsync(EmailAddress address, StoredPassword password, CancellationToken cancel);

    /// <summary>Adds an account under the id of a folder that is there already, or moves the account with this address to that id.</summary>
    /// <param name="address">The account's address; its domain must be hosted.</param>
    /// <param name="id">The folder's id, which no other account may have.</param>
    /// <param name="createdAt">When the account was first added, as its folder says.</param>
    /// <param name="password">Null: keep that of the account, which must exist.</param>
    /// <param name="cancel">Ends the wait for the directory.</param>
    ValueTask<Account> RecoverAccountAsync(EmailAddress address, AccountId id, DateTimeOffset createdAt, StoredPassword? password, CancellationToken cancel);

    /// <summary>The accounts of <paramref name="domain"/>, or all, sorted by domain and name.</summary>
    ValueTask<IReadOnlyList<Account>> ListAccountsAsync(string? domain, CancellationToken cancel);

    ValueTask SetPasswordAsync(EmailAddress address, StoredPassword password, CancellationToken cancel);

    /// <summary>
    /// Replaces the hash of an unchanged password, so that its cost follows the configuration. Sessions and SCRAM keys stay valid.
    /// Returns false and changes nothing if <paramref name="oldHash"/> is no longer the account's hash.
    /// </summary>
    ValueTask<bool> ReplaceHashAsync(AccountId account, string oldHash, string newHash, CancellationToken cancel);

    ValueTask SetEnabledAsync(EmailAddress address, bool enabled, CancellationToken cancel);

    /// <summary>From now on the account's page shows the whole server, or its own things alone.</summary>
    ValueTask SetAdminAsync(EmailAddress address, bool admin, CancellationToken cancel);

    /// <summary>Sets how many octets an account's mail may take; 0: no limit; null: what its domain says.</summary>
    ValueTask SetQuotaAsync(EmailAddress address, long? quota, CancellationToken cancel);

    /// <summary>Sets the quota of a domain's accounts that have none of their own; null: no limit.</summary>
    ValueTask SetDomainQuotaAsync(string domain, long? quota, CancellationToken cancel);

    /// <summary>Adds an app password; its name must be new to the account.</summary>
    ValueTask<AppPassword> AddAppPasswordAsync(EmailAddress address, string name, AccessScope scope, ReadOnlyMemory<byte> digest, CancellationToken cancel);

    /// <summary>An account's app passwords, oldest first.</summary>
    ValueTask<IReadOnlyList<AppPassword>> ListAppPasswordsAsync(EmailAddress address, CancellationToken cancel);

    ValueTask RemoveAppPasswordAsync(EmailAddress address, string name, CancellationToken cancel);

    /// <summary>Notes that an app password was used.</summary>
    ValueTask MarkAppPasswordUsedAsync(long id, CancellationToken cancel);

    /// <summary>From now on the account's own password opens its page alone, or all again.</summary>
    ValueTask SetAppPasswordsOnlyAsync(EmailAddress address, bool only, CancellationToken cancel);

    /// <summary>From now on the account's page asks for codes of this secret; null: for none.</summary>
    ValueTask SetTotpAsync(EmailAddress address, byte[]? secret, CancellationToken cancel);

    /// <summary>Uses up a code: true once for each step, and never again for it or one before it.</summary>
    ValueTask<bool> UseTotpStepAsync(AccountId account, long step, CancellationToken cancel);

    /// <summary>Removes an account, and it from the targets of aliases; an alias that keeps no target is gone. Its mail is still there.</summary>
    ValueTask<Account> RemoveAccountAsync(EmailAddress address, CancellationToken cancel);

    /// <summary>Adds targets to an alias, which need not exist yet. Targets that it has already are left as they are.</summary>
    ValueTask AddAliasAsync(AliasAddress alias, IReadOnlyList<EmailAddress> targets, CancellationToken cancel);

    /// <summary>The aliases of <paramref name="domain"/>, or all, sorted by domain and name.</summary>
    ValueTask<IReadOnlyList<AliasEntry>> ListAliasesAsync(string? domain, CancellationToken cancel);

    ValueTask RemoveAliasAsync(AliasAddress alias, CancellationToken cancel);
}

/// <summary>A hosted domain and what it holds.</summary>
public sealed record DomainEntry(string Name, int Accounts, int Aliases, DateTimeOffset CreatedAt)
{
    /// <summary>Octets of mail for each account that has no quota of its own; null: no limit.</summary>
    public long? Quota { get; init; }
}

/// <summary>An alias and where it leads.</summary>
public sealed record AliasEntry(AliasAddress Alias, IReadOnlyList<EmailAddress> Targets);

/// <summary>What is kept of a password: an Argon2id hash (PHC string) and SCRAM keys, neither of which tells it.</summary>
public sealed record StoredPassword(string Hash, ScramKeys Scram)
{
    /// <summary>Never the hash: this may reach a log.</summary>
    public override string ToString() => nameof(StoredPassword);
}

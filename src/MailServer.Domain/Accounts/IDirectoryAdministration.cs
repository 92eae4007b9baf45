using MailServer.Domain.Access;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Domain.Accounts;

/// <summary>
/// Write access to the directory for administrators. Each method is one transaction; violations of the
/// rules throw <see cref="DirectoryException"/>. Running servers see a change with their next lookup.
/// </summary>
public interface IDirectoryAdministration
{
    /// <summary>Adds a hosted domain (normalised).</summary>
    ValueTask AddDomainAsync(string domain, CancellationToken cancel);

    ValueTask<IReadOnlyList<DomainEntry>> ListDomainsAsync(CancellationToken cancel);

    /// <summary>Removes a domain and its aliases. Removes its accounts too if <paramref name="withAccounts"/> is true; otherwise the call fails if there are any.</summary>
    /// <returns>The removed accounts; their mail is kept.</returns>
    ValueTask<IReadOnlyList<Account>> RemoveDomainAsync(string domain, bool withAccounts, CancellationToken cancel);

    ValueTask<Account> AddAccountAsync(EmailAddress address, StoredPassword password, CancellationToken cancel);

    /// <summary>Adds several accounts: all, or none if one cannot be added.</summary>
    ValueTask<IReadOnlyList<Account>> AddAccountsAsync(IReadOnlyList<NewAccount> accounts, CancellationToken cancel);

    /// <summary>Adds a shared mailbox: an account without credentials, to which nobody can sign in.</summary>
    ValueTask<Account> AddSharedMailboxAsync(EmailAddress address, CancellationToken cancel);

    /// <summary>Invites the user of an account to choose its password; replaces an earlier invitation of the account.</summary>
    /// <param name="address">The account.</param>
    /// <param name="invitation">The invitation.</param>
    /// <param name="cancel">Cancels waiting for the directory.</param>
    ValueTask<Invitation> AddInvitationAsync(EmailAddress address, NewInvitation invitation, CancellationToken cancel);

    /// <summary>Lists the invitations, used and expired ones too, the newest first.</summary>
    ValueTask<IReadOnlyList<Invitation>> ListInvitationsAsync(CancellationToken cancel);

    /// <summary>Finds an invitation by the digest of its secret; null if there is none. It may be used or expired.</summary>
    ValueTask<Invitation?> FindInvitationAsync(byte[] digest, CancellationToken cancel);

    /// <summary>Sets the password of the invited account. Returns true once; false if the invitation is unknown, used or expired.</summary>
    ValueTask<bool> UseInvitationAsync(byte[] digest, StoredPassword password, CancellationToken cancel);

    ValueTask RemoveInvitationAsync(EmailAddress address, CancellationToken cancel);

    /// <summary>Adds an account with the id of an existing folder, or changes the id of the account with this address.</summary>
    /// <param name="address">The account's address; its domain must be hosted.</param>
    /// <param name="id">The id of the folder; no other account may have it.</param>
    /// <param name="createdAt">Creation time of the account as recorded in the folder.</param>
    /// <param name="password">The new password; null keeps the password of an existing account.</param>
    /// <param name="cancel">Cancels waiting for the directory.</param>
    ValueTask<Account> RecoverAccountAsync(EmailAddress address, AccountId id, DateTimeOffset createdAt, StoredPassword? password, CancellationToken cancel);

    /// <summary>Lists the accounts of <paramref name="domain"/>, or all accounts if null, sorted by domain and name.</summary>
    ValueTask<IReadOnlyList<Account>> ListAccountsAsync(string? domain, CancellationToken cancel);

    ValueTask SetPasswordAsync(EmailAddress address, StoredPassword password, CancellationToken cancel);

    /// <summary>
    /// Replaces the hash of an unchanged password, so that its cost follows the configuration. Sessions and SCRAM keys stay valid.
    /// Returns false and changes nothing if <paramref name="oldHash"/> is no longer the account's hash.
    /// </summary>
    ValueTask<bool> ReplaceHashAsync(AccountId account, string oldHash, string newHash, CancellationToken cancel);

    /// <summary>Enables or disables an account. Returns false if it was in that state already.</summary>
    ValueTask<bool> SetEnabledAsync(EmailAddress address, bool enabled, CancellationToken cancel);

    /// <summary>Grants or revokes the administrator role. Returns false if nothing changed.</summary>
    ValueTask<bool> SetAdminAsync(EmailAddress address, bool admin, CancellationToken cancel);

    /// <summary>Sets the quota of an account in octets; 0 for no limit, null for the quota of its domain. Returns false if nothing changed.</summary>
    ValueTask<bool> SetQuotaAsync(EmailAddress address, long? quota, CancellationToken cancel);

    /// <summary>Sets the quota of the accounts of a domain that have no quota of their own; null for no limit. Returns false if nothing changed.</summary>
    ValueTask<bool> SetDomainQuotaAsync(string domain, long? quota, CancellationToken cancel);

    /// <summary>Enables or disables a domain. Mail for a disabled domain is refused, and its users cannot sign in. Returns false if it was in that state already.</summary>
    ValueTask<bool> SetDomainEnabledAsync(string domain, bool enabled, CancellationToken cancel);

    /// <summary>Sets the mode of the MTA-STS policy of a domain; null for that of the server. Returns false if nothing changed.</summary>
    ValueTask<bool> SetDomainMtaStsAsync(string domain, MtaStsMode? mode, CancellationToken cancel);

    /// <summary>Sets the comment of a domain; empty for none. Returns false if nothing changed.</summary>
    ValueTask<bool> SetDomainCommentAsync(string domain, string comment, CancellationToken cancel);

    /// <summary>Replaces the targets of the catch-all of a domain, and enables it; without targets it is removed. Returns false if nothing changed.</summary>
    ValueTask<bool> SetCatchAllAsync(string domain, IReadOnlyList<EmailAddress> targets, CancellationToken cancel);

    /// <summary>Adds an app password. Its name must be unique within the account.</summary>
    ValueTask<AppPassword> AddAppPasswordAsync(EmailAddress address, string name, AccessScope scope, ReadOnlyMemory<byte> digest, AppPasswordLimits limits, CancellationToken cancel);

    /// <summary>Lists the app passwords of an account, oldest first.</summary>
    ValueTask<IReadOnlyList<AppPassword>> ListAppPasswordsAsync(EmailAddress address, CancellationToken cancel);

    ValueTask RemoveAppPasswordAsync(EmailAddress address, string name, CancellationToken cancel);

    /// <summary>Records the use of an app password.</summary>
    ValueTask MarkAppPasswordUsedAsync(long id, CancellationToken cancel);

    /// <summary>Restricts the account's own password to its web page, or lifts the restriction. Returns false if nothing changed.</summary>
    ValueTask<bool> SetAppPasswordsOnlyAsync(EmailAddress address, bool only, CancellationToken cancel);

    /// <summary>Replaces the digests of the recovery codes. Returns false and changes nothing if one-time codes are not enabled.</summary>
    ValueTask<bool> SetRecoveryCodesAsync(EmailAddress address, IReadOnlyList<byte[]> digests, CancellationToken cancel);

    /// <summary>Consumes a recovery code by its digest: returns true once.</summary>
    ValueTask<bool> UseRecoveryCodeAsync(AccountId account, byte[] digest, CancellationToken cancel);

    /// <summary>Sets the secret for one-time codes on the account's web page, and removes the recovery codes; null disables them. Returns false if they were disabled already.</summary>
    ValueTask<bool> SetTotpAsync(EmailAddress address, byte[]? secret, CancellationToken cancel);

    /// <summary>Consumes a one-time code: returns true once per time step, and false for that step and all earlier ones afterwards.</summary>
    ValueTask<bool> UseTotpStepAsync(AccountId account, long step, CancellationToken cancel);

    /// <summary>Removes an account and removes it from the targets of aliases; aliases without targets are removed too. The mail is kept.</summary>
    ValueTask<Account> RemoveAccountAsync(EmailAddress address, CancellationToken cancel);

    /// <summary>Adds targets to a new or existing alias. Returns the targets that the alias did not have before; fails if there are none.</summary>
    ValueTask<IReadOnlyList<EmailAddress>> AddAliasAsync(AliasAddress alias, IReadOnlyList<EmailAddress> targets, CancellationToken cancel);

    /// <summary>Removes one target of an alias. The last target cannot be removed.</summary>
    ValueTask RemoveAliasTargetAsync(AliasAddress alias, EmailAddress target, CancellationToken cancel);

    /// <summary>Enables or disables an alias. Mail for a disabled one is refused. Returns false if it was in that state already.</summary>
    ValueTask<bool> SetAliasEnabledAsync(AliasAddress alias, bool enabled, CancellationToken cancel);

    /// <summary>Sets the comment of an alias; empty for none. Returns false if nothing changed.</summary>
    ValueTask<bool> SetAliasCommentAsync(AliasAddress alias, string comment, CancellationToken cancel);

    /// <summary>Lists the aliases of <paramref name="domain"/>, or all aliases if null, sorted by domain and name.</summary>
    ValueTask<IReadOnlyList<AliasEntry>> ListAliasesAsync(string? domain, CancellationToken cancel);

    ValueTask RemoveAliasAsync(AliasAddress alias, CancellationToken cancel);

    /// <summary>
    /// Makes a domain another name of <paramref name="other"/>, which gets its mail under the same local parts; null ends this. The domain must have no addresses of its own, and
    /// <paramref name="other"/> must not be another name itself, so there are no circles. Returns false if nothing changed.
    /// </summary>
    ValueTask<bool> SetDomainAliasOfAsync(string domain, string? other, CancellationToken cancel);

    /// <summary>Adds a mailing list with its first members. Returns them without repetitions.</summary>
    ValueTask<IReadOnlyList<EmailAddress>> AddListAsync(EmailAddress list, MailingListSettings settings, IReadOnlyList<EmailAddress> members, CancellationToken cancel);

    /// <summary>Replaces the settings of a list. Returns false if nothing changed.</summary>
    ValueTask<bool> SetListAsync(EmailAddress list, MailingListSettings settings, CancellationToken cancel);

    /// <summary>Enables or disables a list. Mail for a disabled one is refused. Returns false if it was in that state already.</summary>
    ValueTask<bool> SetListEnabledAsync(EmailAddress list, bool enabled, CancellationToken cancel);

    /// <summary>Adds members to a list. Returns those that were no members before.</summary>
    ValueTask<IReadOnlyList<EmailAddress>> AddListMembersAsync(EmailAddress list, IReadOnlyList<EmailAddress> members, CancellationToken cancel);

    ValueTask RemoveListMemberAsync(EmailAddress list, EmailAddress member, CancellationToken cancel);

    /// <summary>Lists the mailing lists of <paramref name="domain"/>, or all if null, sorted by domain and name.</summary>
    ValueTask<IReadOnlyList<MailingList>> ListMailingListsAsync(string? domain, CancellationToken cancel);

    ValueTask RemoveListAsync(EmailAddress list, CancellationToken cancel);
}

/// <summary>An alias and its targets.</summary>
public sealed record AliasEntry(AliasAddress Alias, IReadOnlyList<EmailAddress> Targets)
{
    /// <summary>The longest comment in characters.</summary>
    public const int LongestComment = 200;

    /// <summary>False if mail for the alias is refused.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>What administrators wrote about it; empty if nothing.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Whether a text can be a comment: one line of limited length.</summary>
    public static bool IsComment(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= LongestComment && !text.Any(char.IsControl);
    }
}

/// <summary>An account to be added.</summary>
public sealed record NewAccount(EmailAddress Address, StoredPassword Password)
{
    /// <summary>The quota in octets; 0 for no limit, null for the quota of the domain.</summary>
    public long? Quota { get; init; }

    /// <summary>The invitation of its user; null for none.</summary>
    public NewInvitation? Invitation { get; init; }
}

/// <summary>The stored form of a password: an Argon2id hash (PHC string) and SCRAM keys. Neither reveals the password.</summary>
public sealed record StoredPassword(string Hash, ScramKeys Scram)
{
    /// <summary>Omits the hash, because the text may reach a log.</summary>
    public override string ToString() => nameof(StoredPassword);
}

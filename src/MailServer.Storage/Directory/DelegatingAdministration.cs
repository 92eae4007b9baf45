using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Storage.Directory;

/// <summary>Delegates every change to the currently open directory, which may be reopened at any time.</summary>
internal sealed class DelegatingAdministration(Func<IDirectoryAdministration> current) : IDirectoryAdministration
{
    public ValueTask AddDomainAsync(string domain, CancellationToken cancel) => current().AddDomainAsync(domain, cancel);

    public ValueTask<IReadOnlyList<DomainEntry>> ListDomainsAsync(CancellationToken cancel) => current().ListDomainsAsync(cancel);

    public ValueTask<IReadOnlyList<Account>> RemoveDomainAsync(string domain, bool withAccounts, CancellationToken cancel) =>
        current().RemoveDomainAsync(domain, withAccounts, cancel);

    public ValueTask<Account> AddAccountAsync(EmailAddress address, StoredPassword password, CancellationToken cancel) =>
        current().AddAccountAsync(address, password, cancel);

    public ValueTask<IReadOnlyList<Account>> AddAccountsAsync(IReadOnlyList<NewAccount> accounts, CancellationToken cancel) => current().AddAccountsAsync(accounts, cancel);

    public ValueTask<Account> AddSharedMailboxAsync(EmailAddress address, CancellationToken cancel) => current().AddSharedMailboxAsync(address, cancel);

    public ValueTask<Invitation> AddInvitationAsync(EmailAddress address, NewInvitation invitation, CancellationToken cancel) => current().AddInvitationAsync(address, invitation, cancel);

    public ValueTask<IReadOnlyList<Invitation>> ListInvitationsAsync(CancellationToken cancel) => current().ListInvitationsAsync(cancel);

    public ValueTask<Invitation?> FindInvitationAsync(byte[] digest, CancellationToken cancel) => current().FindInvitationAsync(digest, cancel);

    public ValueTask<bool> UseInvitationAsync(byte[] digest, StoredPassword password, CancellationToken cancel) => current().UseInvitationAsync(digest, password, cancel);

    public ValueTask RemoveInvitationAsync(EmailAddress address, CancellationToken cancel) => current().RemoveInvitationAsync(address, cancel);

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(string? domain, CancellationToken cancel) => current().ListAccountsAsync(domain, cancel);

    public ValueTask SetPasswordAsync(EmailAddress address, StoredPassword password, CancellationToken cancel) => current().SetPasswordAsync(address, password, cancel);

    public ValueTask<bool> ReplaceHashAsync(AccountId account, string oldHash, string newHash, CancellationToken cancel) =>
        current().ReplaceHashAsync(account, oldHash, newHash, cancel);

    public ValueTask<bool> SetEnabledAsync(EmailAddress address, bool enabled, CancellationToken cancel) => current().SetEnabledAsync(address, enabled, cancel);

    public ValueTask<bool> SetAdminAsync(EmailAddress address, bool admin, CancellationToken cancel) => current().SetAdminAsync(address, admin, cancel);

    public ValueTask<bool> SetQuotaAsync(EmailAddress address, long? quota, CancellationToken cancel) => current().SetQuotaAsync(address, quota, cancel);

    public ValueTask<bool> SetDomainQuotaAsync(string domain, long? quota, CancellationToken cancel) => current().SetDomainQuotaAsync(domain, quota, cancel);

    public ValueTask<bool> SetDomainEnabledAsync(string domain, bool enabled, CancellationToken cancel) => current().SetDomainEnabledAsync(domain, enabled, cancel);

    public ValueTask<bool> SetDomainMtaStsAsync(string domain, MtaStsMode? mode, CancellationToken cancel) => current().SetDomainMtaStsAsync(domain, mode, cancel);

    public ValueTask<bool> SetDomainCommentAsync(string domain, string comment, CancellationToken cancel) => current().SetDomainCommentAsync(domain, comment, cancel);

    public ValueTask<bool> SetCatchAllAsync(string domain, IReadOnlyList<EmailAddress> targets, CancellationToken cancel) => current().SetCatchAllAsync(domain, targets, cancel);

    public ValueTask<AppPassword> AddAppPasswordAsync(EmailAddress address, string name, AccessScope scope, ReadOnlyMemory<byte> digest, AppPasswordLimits limits, CancellationToken cancel) =>
        current().AddAppPasswordAsync(address, name, scope, digest, limits, cancel);

    public ValueTask<IReadOnlyList<AppPassword>> ListAppPasswordsAsync(EmailAddress address, CancellationToken cancel) =>
        current().ListAppPasswordsAsync(address, cancel);

    public ValueTask RemoveAppPasswordAsync(EmailAddress address, string name, CancellationToken cancel) => current().RemoveAppPasswordAsync(address, name, cancel);

    public ValueTask MarkAppPasswordUsedAsync(long id, CancellationToken cancel) => current().MarkAppPasswordUsedAsync(id, cancel);

    public ValueTask<bool> SetAppPasswordsOnlyAsync(EmailAddress address, bool only, CancellationToken cancel) => current().SetAppPasswordsOnlyAsync(address, only, cancel);

    public ValueTask<bool> SetTotpAsync(EmailAddress address, byte[]? secret, CancellationToken cancel) => current().SetTotpAsync(address, secret, cancel);

    public ValueTask<bool> SetRecoveryCodesAsync(EmailAddress address, IReadOnlyList<byte[]> digests, CancellationToken cancel) => current().SetRecoveryCodesAsync(address, digests, cancel);

    public ValueTask<bool> UseRecoveryCodeAsync(AccountId account, byte[] digest, CancellationToken cancel) => current().UseRecoveryCodeAsync(account, digest, cancel);

    public ValueTask<bool> UseTotpStepAsync(AccountId account, long step, CancellationToken cancel) => current().UseTotpStepAsync(account, step, cancel);

    public ValueTask<Account> RemoveAccountAsync(EmailAddress address, CancellationToken cancel) => current().RemoveAccountAsync(address, cancel);

    public ValueTask<Account> RecoverAccountAsync(EmailAddress address, AccountId id, DateTimeOffset createdAt, StoredPassword? password, CancellationToken cancel) =>
        current().RecoverAccountAsync(address, id, createdAt, password, cancel);

    public ValueTask<IReadOnlyList<EmailAddress>> AddAliasAsync(AliasAddress alias, IReadOnlyList<EmailAddress> targets, CancellationToken cancel) => current().AddAliasAsync(alias, targets, cancel);

    public ValueTask<IReadOnlyList<AliasEntry>> ListAliasesAsync(string? domain, CancellationToken cancel) => current().ListAliasesAsync(domain, cancel);

    public ValueTask RemoveAliasAsync(AliasAddress alias, CancellationToken cancel) => current().RemoveAliasAsync(alias, cancel);

    public ValueTask RemoveAliasTargetAsync(AliasAddress alias, EmailAddress target, CancellationToken cancel) => current().RemoveAliasTargetAsync(alias, target, cancel);

    public ValueTask<bool> SetAliasEnabledAsync(AliasAddress alias, bool enabled, CancellationToken cancel) => current().SetAliasEnabledAsync(alias, enabled, cancel);

    public ValueTask<bool> SetAliasCommentAsync(AliasAddress alias, string comment, CancellationToken cancel) => current().SetAliasCommentAsync(alias, comment, cancel);

    public ValueTask<bool> SetDomainAliasOfAsync(string domain, string? other, CancellationToken cancel) => current().SetDomainAliasOfAsync(domain, other, cancel);

    public ValueTask<IReadOnlyList<EmailAddress>> AddListAsync(EmailAddress list, MailingListSettings settings, IReadOnlyList<EmailAddress> members, CancellationToken cancel) =>
        current().AddListAsync(list, settings, members, cancel);

    public ValueTask<bool> SetListAsync(EmailAddress list, MailingListSettings settings, CancellationToken cancel) => current().SetListAsync(list, settings, cancel);

    public ValueTask<bool> SetListEnabledAsync(EmailAddress list, bool enabled, CancellationToken cancel) => current().SetListEnabledAsync(list, enabled, cancel);

    public ValueTask<IReadOnlyList<EmailAddress>> AddListMembersAsync(EmailAddress list, IReadOnlyList<EmailAddress> members, CancellationToken cancel) =>
        current().AddListMembersAsync(list, members, cancel);

    public ValueTask RemoveListMemberAsync(EmailAddress list, EmailAddress member, CancellationToken cancel) => current().RemoveListMemberAsync(list, member, cancel);

    public ValueTask<IReadOnlyList<MailingList>> ListMailingListsAsync(string? domain, CancellationToken cancel) => current().ListMailingListsAsync(domain, cancel);

    public ValueTask RemoveListAsync(EmailAddress list, CancellationToken cancel) => current().RemoveListAsync(list, cancel);
}

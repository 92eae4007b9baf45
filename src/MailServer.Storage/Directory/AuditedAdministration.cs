using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Storage.Directory;

/// <summary>Records every change of the directory in the audit log, and nothing if a call changed nothing.</summary>
/// <param name="inner">Performs the changes.</param>
/// <param name="note">Receives kind, account or domain, and detail.</param>
internal sealed class AuditedAdministration(IDirectoryAdministration inner, Action<string, string, string> note) : IDirectoryAdministration
{
    public async ValueTask AddDomainAsync(string domain, CancellationToken cancel)
    {
        await inner.AddDomainAsync(domain, cancel);
        note("domain.added", domain, "");
    }

    public ValueTask<IReadOnlyList<DomainEntry>> ListDomainsAsync(CancellationToken cancel) => inner.ListDomainsAsync(cancel);

    public async ValueTask<IReadOnlyList<Account>> RemoveDomainAsync(string domain, bool withAccounts, CancellationToken cancel)
    {
        var removed = await inner.RemoveDomainAsync(domain, withAccounts, cancel);
        note("domain.removed", domain, "");
        foreach (var account in removed) note("user.removed", account.Address.ToString(), "with its domain");
        return removed;
    }

    public async ValueTask<Account> AddAccountAsync(EmailAddress address, StoredPassword password, CancellationToken cancel)
    {
        var account = await inner.AddAccountAsync(address, password, cancel);
        note("user.added", address.ToString(), "");
        return account;
    }

    public async ValueTask<IReadOnlyList<Account>> AddAccountsAsync(IReadOnlyList<NewAccount> accounts, CancellationToken cancel)
    {
        var added = await inner.AddAccountsAsync(accounts, cancel);
        foreach (var account in accounts)
        {
            note("user.added", account.Address.ToString(), "");
            if (account.Invitation is { } invitation) NoteInvitation(account.Address, invitation);
        }

        return added;
    }

    public async ValueTask<Account> AddSharedMailboxAsync(EmailAddress address, CancellationToken cancel)
    {
        var account = await inner.AddSharedMailboxAsync(address, cancel);
        note("shared.added", address.ToString(), "");
        return account;
    }

    public async ValueTask<Invitation> AddInvitationAsync(EmailAddress address, NewInvitation invitation, CancellationToken cancel)
    {
        var added = await inner.AddInvitationAsync(address, invitation, cancel);
        NoteInvitation(address, invitation);
        return added;
    }

    public ValueTask<IReadOnlyList<Invitation>> ListInvitationsAsync(CancellationToken cancel) => inner.ListInvitationsAsync(cancel);

    public ValueTask<Invitation?> FindInvitationAsync(byte[] digest, CancellationToken cancel) => inner.FindInvitationAsync(digest, cancel);

    public async ValueTask<bool> UseInvitationAsync(byte[] digest, StoredPassword password, CancellationToken cancel)
    {
        var invitation = await inner.FindInvitationAsync(digest, cancel);
        if (!await inner.UseInvitationAsync(digest, password, cancel)) return false;
        note("invitation.used", invitation?.Address.ToString() ?? "", "");
        return true;
    }

    public async ValueTask RemoveInvitationAsync(EmailAddress address, CancellationToken cancel)
    {
        await inner.RemoveInvitationAsync(address, cancel);
        note("invitation.removed", address.ToString(), "");
    }

    public async ValueTask<Account> RecoverAccountAsync(EmailAddress address, AccountId id, DateTimeOffset createdAt, StoredPassword? password, CancellationToken cancel)
    {
        var account = await inner.RecoverAccountAsync(address, id, createdAt, password, cancel);
        note("user.recovered", address.ToString(), $"with the folder user_{id.Value}");
        return account;
    }

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(string? domain, CancellationToken cancel) => inner.ListAccountsAsync(domain, cancel);

    public async ValueTask SetPasswordAsync(EmailAddress address, StoredPassword password, CancellationToken cancel)
    {
        await inner.SetPasswordAsync(address, password, cancel);
        note("user.password-set", address.ToString(), "");
    }

    public ValueTask<bool> ReplaceHashAsync(AccountId account, string oldHash, string newHash, CancellationToken cancel) =>
        inner.ReplaceHashAsync(account, oldHash, newHash, cancel);

    public async ValueTask<bool> SetEnabledAsync(EmailAddress address, bool enabled, CancellationToken cancel)
    {
        if (!await inner.SetEnabledAsync(address, enabled, cancel)) return false;
        note(enabled ? "user.enabled" : "user.disabled", address.ToString(), "");
        return true;
    }

    public async ValueTask<bool> SetAdminAsync(EmailAddress address, bool admin, CancellationToken cancel)
    {
        if (!await inner.SetAdminAsync(address, admin, cancel)) return false;
        note(admin ? "user.admin-granted" : "user.admin-revoked", address.ToString(), "");
        return true;
    }

    public async ValueTask<bool> SetQuotaAsync(EmailAddress address, long? quota, CancellationToken cancel)
    {
        if (!await inner.SetQuotaAsync(address, quota, cancel)) return false;
        note("user.quota", address.ToString(), quota switch { null => "domain default", 0 => "none", { } octets => QuotaSize.Format(octets) });
        return true;
    }

    public async ValueTask<bool> SetDomainQuotaAsync(string domain, long? quota, CancellationToken cancel)
    {
        if (!await inner.SetDomainQuotaAsync(domain, quota, cancel)) return false;
        note("domain.quota", domain, quota is { } octets ? QuotaSize.Format(octets) : "none");
        return true;
    }

    public async ValueTask<bool> SetDomainEnabledAsync(string domain, bool enabled, CancellationToken cancel)
    {
        if (!await inner.SetDomainEnabledAsync(domain, enabled, cancel)) return false;
        note(enabled ? "domain.enabled" : "domain.disabled", domain, "");
        return true;
    }

    public async ValueTask<bool> SetDomainMtaStsAsync(string domain, MtaStsMode? mode, CancellationToken cancel)
    {
        if (!await inner.SetDomainMtaStsAsync(domain, mode, cancel)) return false;
        note("domain.mta-sts", domain, mode is { } own ? MtaStsPolicy.NameOf(own) : "default");
        return true;
    }

    public async ValueTask<bool> SetDomainCommentAsync(string domain, string comment, CancellationToken cancel)
    {
        if (!await inner.SetDomainCommentAsync(domain, comment, cancel)) return false;
        note("domain.comment", domain, comment);
        return true;
    }

    public async ValueTask<bool> SetCatchAllAsync(string domain, IReadOnlyList<EmailAddress> targets, CancellationToken cancel)
    {
        if (!await inner.SetCatchAllAsync(domain, targets, cancel)) return false;
        note("domain.catch-all", domain, targets.Count == 0 ? "none" : string.Join(' ', targets));
        return true;
    }

    public async ValueTask<AppPassword> AddAppPasswordAsync(EmailAddress address, string name, AccessScope scope, ReadOnlyMemory<byte> digest, AppPasswordLimits limits, CancellationToken cancel)
    {
        var added = await inner.AddAppPasswordAsync(address, name, scope, digest, limits, cancel);
        note("app-password.added", address.ToString(), $"{name} ({string.Join(", ", AccessScopes.NamesOf(scope))})");
        return added;
    }

    public ValueTask<IReadOnlyList<AppPassword>> ListAppPasswordsAsync(EmailAddress address, CancellationToken cancel) => inner.ListAppPasswordsAsync(address, cancel);

    public async ValueTask RemoveAppPasswordAsync(EmailAddress address, string name, CancellationToken cancel)
    {
        await inner.RemoveAppPasswordAsync(address, name, cancel);
        note("app-password.removed", address.ToString(), name);
    }

    public ValueTask MarkAppPasswordUsedAsync(long id, CancellationToken cancel) => inner.MarkAppPasswordUsedAsync(id, cancel);

    public async ValueTask<bool> SetAppPasswordsOnlyAsync(EmailAddress address, bool only, CancellationToken cancel)
    {
        if (!await inner.SetAppPasswordsOnlyAsync(address, only, cancel)) return false;
        note(only ? "user.app-passwords-only" : "user.any-password", address.ToString(), "");
        return true;
    }

    public async ValueTask<bool> SetTotpAsync(EmailAddress address, byte[]? secret, CancellationToken cancel)
    {
        if (!await inner.SetTotpAsync(address, secret, cancel)) return false;
        note(secret is null ? "totp.disabled" : "totp.enabled", address.ToString(), "");
        return true;
    }

    public async ValueTask<bool> SetRecoveryCodesAsync(EmailAddress address, IReadOnlyList<byte[]> digests, CancellationToken cancel)
    {
        if (!await inner.SetRecoveryCodesAsync(address, digests, cancel)) return false;
        note("recovery-codes.set", address.ToString(), "");
        return true;
    }

    // The sign-in is recorded, with what was used.
    public ValueTask<bool> UseRecoveryCodeAsync(AccountId account, byte[] digest, CancellationToken cancel) => inner.UseRecoveryCodeAsync(account, digest, cancel);

    public ValueTask<bool> UseTotpStepAsync(AccountId account, long step, CancellationToken cancel) => inner.UseTotpStepAsync(account, step, cancel);

    public async ValueTask<Account> RemoveAccountAsync(EmailAddress address, CancellationToken cancel)
    {
        var account = await inner.RemoveAccountAsync(address, cancel);
        note("user.removed", address.ToString(), "");
        return account;
    }

    public async ValueTask<IReadOnlyList<EmailAddress>> AddAliasAsync(AliasAddress alias, IReadOnlyList<EmailAddress> targets, CancellationToken cancel)
    {
        var added = await inner.AddAliasAsync(alias, targets, cancel);
        note("alias.added", alias.ToString(), string.Join(' ', added));
        return added;
    }

    public ValueTask<IReadOnlyList<AliasEntry>> ListAliasesAsync(string? domain, CancellationToken cancel) => inner.ListAliasesAsync(domain, cancel);

    public async ValueTask RemoveAliasAsync(AliasAddress alias, CancellationToken cancel)
    {
        await inner.RemoveAliasAsync(alias, cancel);
        note("alias.removed", alias.ToString(), "");
    }

    public async ValueTask RemoveAliasTargetAsync(AliasAddress alias, EmailAddress target, CancellationToken cancel)
    {
        await inner.RemoveAliasTargetAsync(alias, target, cancel);
        note("alias.target-removed", alias.ToString(), target.ToString());
    }

    public async ValueTask<bool> SetAliasEnabledAsync(AliasAddress alias, bool enabled, CancellationToken cancel)
    {
        if (!await inner.SetAliasEnabledAsync(alias, enabled, cancel)) return false;
        note(enabled ? "alias.enabled" : "alias.disabled", alias.ToString(), "");
        return true;
    }

    public async ValueTask<bool> SetAliasCommentAsync(AliasAddress alias, string comment, CancellationToken cancel)
    {
        if (!await inner.SetAliasCommentAsync(alias, comment, cancel)) return false;
        note("alias.comment", alias.ToString(), comment);
        return true;
    }

    public async ValueTask<bool> SetDomainAliasOfAsync(string domain, string? other, CancellationToken cancel)
    {
        if (!await inner.SetDomainAliasOfAsync(domain, other, cancel)) return false;
        note("domain.alias-of", domain, other ?? "none");
        return true;
    }

    public async ValueTask<IReadOnlyList<EmailAddress>> AddListAsync(EmailAddress list, MailingListSettings settings, IReadOnlyList<EmailAddress> members, CancellationToken cancel)
    {
        var added = await inner.AddListAsync(list, settings, members, cancel);
        note("list.added", list.ToString(), Text(settings));
        if (added.Count > 0) note("list.members-added", list.ToString(), string.Join(' ', added));
        return added;
    }

    public async ValueTask<bool> SetListAsync(EmailAddress list, MailingListSettings settings, CancellationToken cancel)
    {
        if (!await inner.SetListAsync(list, settings, cancel)) return false;
        note("list.changed", list.ToString(), Text(settings));
        return true;
    }

    public async ValueTask<bool> SetListEnabledAsync(EmailAddress list, bool enabled, CancellationToken cancel)
    {
        if (!await inner.SetListEnabledAsync(list, enabled, cancel)) return false;
        note(enabled ? "list.enabled" : "list.disabled", list.ToString(), "");
        return true;
    }

    public async ValueTask<IReadOnlyList<EmailAddress>> AddListMembersAsync(EmailAddress list, IReadOnlyList<EmailAddress> members, CancellationToken cancel)
    {
        var added = await inner.AddListMembersAsync(list, members, cancel);
        if (added.Count > 0) note("list.members-added", list.ToString(), string.Join(' ', added));
        return added;
    }

    public async ValueTask RemoveListMemberAsync(EmailAddress list, EmailAddress member, CancellationToken cancel)
    {
        await inner.RemoveListMemberAsync(list, member, cancel);
        note("list.member-removed", list.ToString(), member.ToString());
    }

    public ValueTask<IReadOnlyList<MailingList>> ListMailingListsAsync(string? domain, CancellationToken cancel) => inner.ListMailingListsAsync(domain, cancel);

    public async ValueTask RemoveListAsync(EmailAddress list, CancellationToken cancel)
    {
        await inner.RemoveListAsync(list, cancel);
        note("list.removed", list.ToString(), "");
    }

    private static string Text(MailingListSettings settings) =>
        $"owner {settings.Owner}, post {settings.Posting.ToString().ToLowerInvariant()}, replies to the {(settings.RepliesToList ? "list" : "author")}";

    private void NoteInvitation(EmailAddress address, NewInvitation invitation) =>
        note("invitation.added", address.ToString(), FormattableString.Invariant($"expires {invitation.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC"));
}

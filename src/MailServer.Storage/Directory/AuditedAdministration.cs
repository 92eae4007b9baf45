using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

/// <summary>Tells of every change of the directory once it is made.</summary>
/// <param name="inner">Makes the changes.</param>
/// <param name="note">Gets kind, account or domain, and detail.</param>
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

    public async ValueTask SetEnabledAsync(EmailAddress address, bool enabled, CancellationToken cancel)
    {
        await inner.SetEnabledAsync(address, enabled, cancel);
        note(enabled ? "user.enabled" : "user.disabled", address.ToString(), "");
    }

    public async ValueTask SetAdminAsync(EmailAddress address, bool admin, CancellationToken cancel)
    {
        await inner.SetAdminAsync(address, admin, cancel);
        note(admin ? "user.admin-granted" : "user.admin-revoked", address.ToString(), "");
    }

    public async ValueTask SetQuotaAsync(EmailAddress address, long? quota, CancellationToken cancel)
    {
        await inner.SetQuotaAsync(address, quota, cancel);
        note("user.quota", address.ToString(), quota switch { null => "that of the domain", 0 => "none", { } octets => QuotaSize.Format(octets) });
    }

    public async ValueTask SetDomainQuotaAsync(string domain, long? quota, CancellationToken cancel)
    {
        await inner.SetDomainQuotaAsync(domain, quota, cancel);
        note("domain.quota", domain, quota is { } octets ? QuotaSize.Format(octets) : "none");
    }

    public async ValueTask<AppPassword> AddAppPasswordAsync(EmailAddress address, string name, AccessScope scope, ReadOnlyMemory<byte> digest, CancellationToken cancel)
    {
        var added = await inner.AddAppPasswordAsync(address, name, scope, digest, cancel);
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

    public async ValueTask SetAppPasswordsOnlyAsync(EmailAddress address, bool only, CancellationToken cancel)
    {
        await inner.SetAppPasswordsOnlyAsync(address, only, cancel);
        note(only ? "user.app-passwords-only" : "user.any-password", address.ToString(), "");
    }

    public async ValueTask SetTotpAsync(EmailAddress address, byte[]? secret, CancellationToken cancel)
    {
        await inner.SetTotpAsync(address, secret, cancel);
        note(secret is null ? "totp.disabled" : "totp.enabled", address.ToString(), "");
    }

    public ValueTask<bool> UseTotpStepAsync(AccountId account, long step, CancellationToken cancel) => inner.UseTotpStepAsync(account, step, cancel);

    public async ValueTask<Account> RemoveAccountAsync(EmailAddress address, CancellationToken cancel)
    {
        var account = await inner.RemoveAccountAsync(address, cancel);
        note("user.removed", address.ToString(), "");
        return account;
    }

    public async ValueTask AddAliasAsync(AliasAddress alias, IReadOnlyList<EmailAddress> targets, CancellationToken cancel)
    {
        await inner.AddAliasAsync(alias, targets, cancel);
        note("alias.added", alias.ToString(), string.Join(' ', targets));
    }

    public ValueTask<IReadOnlyList<AliasEntry>> ListAliasesAsync(string? domain, CancellationToken cancel) => inner.ListAliasesAsync(domain, cancel);

    public async ValueTask RemoveAliasAsync(AliasAddress alias, CancellationToken cancel)
    {
        await inner.RemoveAliasAsync(alias, cancel);
        note("alias.removed", alias.ToString(), "");
    }
}

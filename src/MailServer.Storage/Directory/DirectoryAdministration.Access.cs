using System.Data.Common;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

// Administrator role, app passwords, one-time codes, quotas.
internal sealed partial class DirectoryAdministration
{
    /// <summary>
    /// A last used time step that is more than this number of steps (30 seconds each) in the
    /// future was stored by a wrong clock and is ignored, so that the user is not locked out.
    /// </summary>
    private const int TotpSlack = 20;

    public ValueTask<bool> SetAdminAsync(EmailAddress address, bool admin, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var account = RequireUser(connection, address);
        if (account.IsAdmin == admin) return false;
        connection.Execute("UPDATE accounts SET is_admin = @admin WHERE id = @id", ("@admin", admin ? 1 : 0), ("@id", account.Id.Value));
        return true;
    });

    public ValueTask<bool> SetQuotaAsync(EmailAddress address, long? quota, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var account = RequireAccount(connection, address);
        if ((account.HasOwnQuota ? account.Quota ?? 0 : null) == quota) return false;
        connection.Execute("UPDATE accounts SET quota = @quota WHERE id = @id", ("@quota", (object?)quota ?? DBNull.Value), ("@id", account.Id.Value));
        return true;
    });

    public ValueTask<bool> SetDomainQuotaAsync(string domain, long? quota, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var id = DomainId(connection, domain);
        return quota is { } octets
            ? connection.Execute("UPDATE domains SET quota = @quota WHERE id = @id AND (quota IS NULL OR quota <> @quota)", ("@quota", octets), ("@id", id)) > 0
            : connection.Execute("UPDATE domains SET quota = NULL WHERE id = @id AND quota IS NOT NULL", ("@id", id)) > 0;
    });

    public ValueTask<AppPassword> AddAppPasswordAsync(EmailAddress address, string name, AccessScope scope, ReadOnlyMemory<byte> digest, AppPasswordLimits limits, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var account = RequireUser(connection, address).Id.Value;
        if (connection.ReadScalar("SELECT count(*) FROM app_passwords WHERE account_id = @account", ("@account", account)) >= Limits.Default.AppPasswords)
            throw new DirectoryException(DirectoryRefusal.TooManyAppPasswords, address.ToString());
        var added = connection.Execute(
            "INSERT INTO app_passwords (account_id, name, scope, digest, created_at, expires_at, networks) VALUES (@account, @name, @scope, @digest, @now, @expires, @networks) ON CONFLICT DO NOTHING",
            ("@account", account), ("@name", name), ("@scope", (int)scope), ("@digest", digest.ToArray()), ("@now", Now()),
            ("@expires", (object?)limits.ExpiresAt?.ToUnixTimeSeconds() ?? DBNull.Value), ("@networks", limits.NetworksText));
        if (added == 0) throw new DirectoryException(DirectoryRefusal.AppPasswordExists, name);
        return ReadAppPasswords(connection, account).Find(p => p.Name == name)!;
    });

    public ValueTask<IReadOnlyList<AppPassword>> ListAppPasswordsAsync(EmailAddress address, CancellationToken cancel) =>
        ReadAsync(connection => ReadAppPasswords(connection, RequireAccount(connection, address).Id.Value), cancel);

    public ValueTask RemoveAppPasswordAsync(EmailAddress address, string name, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var removed = connection.Execute("DELETE FROM app_passwords WHERE account_id = @account AND name = @name", ("@account", RequireUser(connection, address).Id.Value), ("@name", name));
        if (removed == 0) throw new DirectoryException(DirectoryRefusal.AppPasswordUnknown, name);
    });

    public ValueTask MarkAppPasswordUsedAsync(long id, CancellationToken cancel) => ChangeAsync(connection =>
    {
        connection.Execute("UPDATE app_passwords SET last_used_at = @now WHERE id = @id", ("@now", Now()), ("@id", id));
    });

    public ValueTask<bool> SetAppPasswordsOnlyAsync(EmailAddress address, bool only, CancellationToken cancel) => ChangeAsync(connection => connection.Execute(
        "UPDATE credentials SET app_passwords_only = @only WHERE account_id = @account AND app_passwords_only <> @only",
        ("@only", only ? 1 : 0), ("@account", RequireUser(connection, address).Id.Value)) > 0);

    public ValueTask<bool> SetTotpAsync(EmailAddress address, byte[]? secret, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var account = RequireUser(connection, address).Id.Value;
        return secret is null
            ? connection.Execute("UPDATE credentials SET totp_key = NULL, totp_last_step = 0, recovery_codes = NULL WHERE account_id = @account AND totp_key IS NOT NULL", ("@account", account)) > 0
            : connection.Execute("UPDATE credentials SET totp_key = @key, totp_last_step = 0, recovery_codes = NULL WHERE account_id = @account", ("@key", secret), ("@account", account)) > 0;
    });

    public ValueTask<bool> UseTotpStepAsync(AccountId account, long step, CancellationToken cancel) => ChangeAsync(connection => connection.Execute(
        "UPDATE credentials SET totp_last_step = @step WHERE account_id = @account AND (totp_last_step < @step OR totp_last_step > @late)", ("@step", step), ("@late", step + TotpSlack), ("@account", account.Value)) > 0);

    public ValueTask<bool> SetRecoveryCodesAsync(EmailAddress address, IReadOnlyList<byte[]> digests, CancellationToken cancel) => ChangeAsync(connection => connection.Execute(
        "UPDATE credentials SET recovery_codes = @codes WHERE account_id = @account AND totp_key IS NOT NULL",
        ("@codes", digests.SelectMany(static d => d).ToArray()), ("@account", RequireUser(connection, address).Id.Value)) > 0);

    public ValueTask<bool> UseRecoveryCodeAsync(AccountId account, byte[] digest, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var kept = connection.ReadAll(
            "SELECT recovery_codes FROM credentials WHERE account_id = @account AND recovery_codes IS NOT NULL", static row => row.GetFieldValue<byte[]>(0), ("@account", account.Value)).FirstOrDefault() ?? [];
        var codes = kept.Chunk(RecoveryCode.DigestLength).ToList();
        var index = codes.FindIndex(code => code.AsSpan().SequenceEqual(digest));
        if (index < 0) return false;
        codes.RemoveAt(index);
        connection.Execute("UPDATE credentials SET recovery_codes = @codes WHERE account_id = @account", ("@codes", codes.SelectMany(static c => c).ToArray()), ("@account", account.Value));
        return true;
    });

    private static List<AppPassword> ReadAppPasswords(DbConnection connection, long account) => connection.ReadAll(
        $"SELECT {DirectoryRows.AppPasswordColumns} FROM app_passwords WHERE account_id = @account ORDER BY id", DirectoryRows.AppPassword, ("@account", account));
}

using System.Data.Common;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Storage.Directory;

/// <summary>Maps directory rows of either database to domain values.</summary>
internal static class DirectoryRows
{
    public const string AccountColumns = "accounts.id, accounts.address, accounts.enabled, accounts.created_at, accounts.is_admin, accounts.quota, (SELECT domains.quota FROM domains WHERE domains.id = accounts.domain_id), (SELECT domains.enabled FROM domains WHERE domains.id = accounts.domain_id), accounts.is_shared";
    public const string CredentialColumns = "password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key, app_passwords_only, totp_key, totp_last_step, recovery_codes";

    public const string AppPasswordColumns = "id, name, scope, digest, created_at, last_used_at, expires_at, networks";

    public const string ListColumns = "lists.address, lists.owner, lists.name, lists.posting, lists.replies_to_list, lists.enabled";

    public static Account Account(DbDataReader row) =>
        new(new AccountId(row.GetInt64(0)), EmailAddress.Parse(row.GetString(1)), row.GetInt64(2) != 0 && row.GetInt64(7) != 0, DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(3)))
        {
            EnabledItself = row.GetInt64(2) != 0,
            IsAdmin = row.GetInt64(4) != 0,
            IsShared = row.GetInt64(8) != 0,
            HasOwnQuota = !row.IsDBNull(5),
            Quota = !row.IsDBNull(5) ? (row.GetInt64(5) is > 0 and var own ? own : null) : row.IsDBNull(6) ? null : row.GetInt64(6),
        };

    public static AccountCredentials Credentials(DbDataReader row) =>
        new(Account(row), row.GetString(9), new ScramKeys(row.GetFieldValue<byte[]>(10), row.GetInt32(11), row.GetFieldValue<byte[]>(12), row.GetFieldValue<byte[]>(13)))
        {
            AppPasswordsOnly = row.GetInt64(14) != 0,
            Totp = row.IsDBNull(15) ? null : new TotpSecret(row.GetFieldValue<byte[]>(15), row.GetInt64(16)),
            RecoveryCodes = row.IsDBNull(17) ? 0 : row.GetFieldValue<byte[]>(17).Length / RecoveryCode.DigestLength,
        };

    public static HostedDomain Domain(DbDataReader row) => new(row.GetString(0), row.GetInt64(1) != 0, row.IsDBNull(2) ? null : MtaSts(row.GetString(2)))
    {
        AliasOf = row.IsDBNull(3) ? null : row.GetString(3),
    };

    /// <summary>A mailing list without its members.</summary>
    public static MailingList List(DbDataReader row) => new(EmailAddress.Parse(row.GetString(0)), new MailingListSettings(EmailAddress.Parse(row.GetString(1)))
    {
        Name = row.GetString(2),
        Posting = (ListPosting)row.GetInt32(3),
        RepliesToList = row.GetInt32(4) != 0,
    })
    {
        Enabled = row.GetInt32(5) != 0,
    };

    /// <summary>The mode of a domain's MTA-STS policy; that of the server (null) for a value of a newer version.</summary>
    public static MtaStsMode? MtaSts(string text) => MtaStsPolicy.TryParseMode(text, out var mode) ? mode : null;

    public static AppPassword AppPassword(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), (AccessScope)row.GetInt32(2), row.GetFieldValue<byte[]>(3),
        DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(4)), row.IsDBNull(5) ? null : DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(5)))
    {
        Validity = LimitsOf(row.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(6)), row.GetString(7)),
    };

    /// <summary>Networks that cannot be read, as after damage, allow nobody.</summary>
    private static AppPasswordLimits LimitsOf(DateTimeOffset? expiresAt, string networks) => AppPasswordLimits.TryParseNetworks(networks, out var read)
        ? expiresAt is null && read.Count == 0 ? AppPasswordLimits.None : new AppPasswordLimits(expiresAt, read)
        : new AppPasswordLimits(DateTimeOffset.UnixEpoch, []);
}

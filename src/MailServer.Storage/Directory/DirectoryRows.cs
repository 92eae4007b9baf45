using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Directory;

/// <summary>Rows of mail.db as values of the domain.</summary>
internal static class DirectoryRows
{
    public const string AccountColumns = "accounts.id, accounts.address, accounts.enabled, accounts.created_at";
    public const string CredentialColumns = "password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key";

    public static Account Account(SqliteDataReader row) =>
        new(new AccountId(row.GetInt64(0)), EmailAddress.Parse(row.GetString(1)), row.GetInt64(2) != 0, DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(3)));

    public static AccountCredentials Credentials(SqliteDataReader row) =>
        new(Account(row), row.GetString(4), new ScramKeys(row.GetFieldValue<byte[]>(5), row.GetInt32(6), row.GetFieldValue<byte[]>(7), row.GetFieldValue<byte[]>(8)));
}

using System.Data.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

// Recovery of accounts that have a folder but no row in the directory.
internal sealed partial class DirectoryAdministration
{
    public ValueTask<Account> RecoverAccountAsync(EmailAddress address, AccountId id, DateTimeOffset createdAt, StoredPassword? password, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var domain = OwnDomainId(connection, address.Domain);
        RefuseIfAliasOrList(connection, address);
        if (FindAccount(connection, address) is { } present) Renumber(connection, present, id, createdAt);
        else
            connection.Execute(
                "INSERT INTO accounts (id, domain_id, address, address_key, created_at) VALUES (@id, @domain, @address, @key, @created)",
                ("@id", id.Value), ("@domain", domain), ("@address", address.ToString()), ("@key", address.Key), ("@created", createdAt.ToUnixTimeSeconds()));
        database.RaiseAccountIds(connection, id.Value);
        if (password is not null) Save(connection, RequireUser(connection, address).Id, password);
        folders?.RecordId(id);
        return FindAccount(connection, address)!;
    });

    /// <summary>Changes the id of an account to that of its folder. Credentials reference the account row, so the row is copied and the references are moved.</summary>
    private static void Renumber(DbConnection connection, Account account, AccountId id, DateTimeOffset createdAt)
    {
        (string, object)[] both = [("@old", account.Id.Value), ("@new", id.Value)];
        connection.Execute(
            """
            INSERT INTO accounts (id, domain_id, address, address_key, enabled, created_at, is_admin, quota, is_shared)
            SELECT @new, domain_id, address, '#' || address_key, enabled, @created, is_admin, quota, is_shared FROM accounts WHERE id = @old
            """,
            [.. both, ("@created", createdAt.ToUnixTimeSeconds())]);
        connection.Execute("UPDATE credentials SET account_id = @new WHERE account_id = @old", both);
        connection.Execute("UPDATE app_passwords SET account_id = @new WHERE account_id = @old", both);
        connection.Execute("UPDATE invitations SET account_id = @new WHERE account_id = @old", both);
        connection.Execute("UPDATE shares SET owner_id = @new WHERE owner_id = @old", both);
        connection.Execute("DELETE FROM accounts WHERE id = @old", ("@old", account.Id.Value));
        connection.Execute("UPDATE accounts SET address_key = @key WHERE id = @new", ("@key", account.Address.Key), ("@new", id.Value));
    }
}

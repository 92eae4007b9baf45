using System.Data.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

/// <summary>Changes of the directory in SQL that SQLite and PostgreSQL share. Changes are serialised, each in its own transaction.</summary>
internal sealed partial class DirectoryAdministration(IDirectoryDatabase database, TimeProvider time, AccountFolders? folders) : IDirectoryAdministration
{
    public ValueTask AddDomainAsync(string domain, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var added = connection.Execute("INSERT INTO domains (name, created_at) VALUES (@name, @now) ON CONFLICT DO NOTHING", ("@name", domain), ("@now", Now()));
        if (added == 0) throw new DirectoryException(DirectoryRefusal.DomainExists, domain);
    });

    public ValueTask<IReadOnlyList<Account>> RemoveDomainAsync(string domain, bool withAccounts, CancellationToken cancel) => ChangeAsync<IReadOnlyList<Account>>(connection =>
    {
        var id = DomainId(connection, domain);
        var accounts = ReadAccounts(connection, domain);
        RefuseIfNamed(connection, domain);
        if (accounts.Count > 0 && !withAccounts) throw new DirectoryException(DirectoryRefusal.DomainHasAccounts, domain);
        foreach (var account in accounts) Remove(connection, account);
        foreach (var account in accounts) folders?.MarkRemoved(account);
        connection.Execute("DELETE FROM domains WHERE id = @id", ("@id", id));
        return accounts;
    });

    public ValueTask<Account> AddAccountAsync(EmailAddress address, StoredPassword password, CancellationToken cancel) =>
        ChangeAsync(connection => Add(connection, new NewAccount(address, password)));

    public ValueTask<IReadOnlyList<Account>> AddAccountsAsync(IReadOnlyList<NewAccount> accounts, CancellationToken cancel) =>
        ChangeAsync<IReadOnlyList<Account>>(connection => [.. accounts.Select(account => Add(connection, account))]);

    public ValueTask<Account> AddSharedMailboxAsync(EmailAddress address, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var account = Insert(connection, address);
        connection.Execute("UPDATE accounts SET is_shared = 1 WHERE id = @id", ("@id", account.Id.Value));
        return FindAccount(connection, address)!;
    });

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(string? domain, CancellationToken cancel) => ReadAsync(connection => ReadAccounts(connection, domain), cancel);

    public ValueTask SetPasswordAsync(EmailAddress address, StoredPassword password, CancellationToken cancel) =>
        ChangeAsync(connection =>
        {
            var account = RequireUser(connection, address).Id;
            Save(connection, account, password);
            // Whoever has the link could replace the new password.
            connection.Execute("DELETE FROM invitations WHERE account_id = @account AND used_at IS NULL", ("@account", account.Value));
        });

    public ValueTask<bool> ReplaceHashAsync(AccountId account, string oldHash, string newHash, CancellationToken cancel) => ChangeAsync(connection => connection.Execute(
        "UPDATE credentials SET password_hash = @new WHERE account_id = @account AND password_hash = @old", ("@new", newHash), ("@account", account.Value), ("@old", oldHash)) > 0);

    public ValueTask<bool> SetEnabledAsync(EmailAddress address, bool enabled, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var account = RequireAccount(connection, address);
        if (account.EnabledItself == enabled) return false;
        connection.Execute("UPDATE accounts SET enabled = @enabled WHERE id = @id", ("@enabled", enabled ? 1 : 0), ("@id", account.Id.Value));
        return true;
    });

    public ValueTask<Account> RemoveAccountAsync(EmailAddress address, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var account = RequireAccount(connection, address);
        Remove(connection, account);
        folders?.MarkRemoved(account);
        return account;
    });

    private Account Add(DbConnection connection, NewAccount added)
    {
        var account = Insert(connection, added.Address);
        Save(connection, account.Id, added.Password);
        if (added.Quota is { } quota) connection.Execute("UPDATE accounts SET quota = @quota WHERE id = @id", ("@quota", quota), ("@id", account.Id.Value));
        if (added.Invitation is { } invitation) Invite(connection, account.Id, invitation);
        return account;
    }

    private Account Insert(DbConnection connection, EmailAddress address)
    {
        var domain = OwnDomainId(connection, address.Domain);
        if (FindAccount(connection, address) is not null) throw new DirectoryException(DirectoryRefusal.AccountExists, address.ToString());
        RefuseIfAliasOrList(connection, address);
        var account = Insert(connection, domain, address);
        if (folders?.HighestId() is { } highest && account.Id.Value <= highest)
        {
            // The directory was lost or is an older copy: this id was already assigned once.
            connection.Execute("DELETE FROM accounts WHERE id = @id", ("@id", account.Id.Value));
            database.RaiseAccountIds(connection, highest);
            account = Insert(connection, domain, address);
        }

        folders?.RecordId(account.Id);
        return account;
    }

    private Account Insert(DbConnection connection, long domain, EmailAddress address)
    {
        connection.Execute(
            "INSERT INTO accounts (domain_id, address, address_key, created_at) VALUES (@domain, @address, @key, @now)",
            ("@domain", domain), ("@address", address.ToString()), ("@key", address.Key), ("@now", Now()));
        return FindAccount(connection, address)!;
    }

    private static void Remove(DbConnection connection, Account account)
    {
        var key = account.Address.Key;
        connection.Execute("DELETE FROM shares WHERE guest_id = @id", ("@id", account.Id.Value));
        connection.Execute("DELETE FROM accounts WHERE id = @id", ("@id", account.Id.Value));
        // Removes the targets that are the account or a subaddress of it, except subaddresses that are accounts of their own.
        connection.Execute(
            "DELETE FROM aliases WHERE target_key = @key OR (target_base = @key AND target_key NOT IN (SELECT address_key FROM accounts))", ("@key", key));
        connection.Execute("DELETE FROM list_members WHERE address_key = @key", ("@key", key));
        // Somebody must get the bounces: the postmaster always exists.
        connection.Execute(
            "UPDATE lists SET owner = 'postmaster@' || (SELECT name FROM domains WHERE id = domain_id), owner_key = 'postmaster@' || (SELECT name FROM domains WHERE id = domain_id) WHERE owner_key = @key",
            ("@key", key));
    }

    private static void Save(DbConnection connection, AccountId account, StoredPassword password) => connection.Execute(
        """
        INSERT INTO credentials (account_id, password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key)
        VALUES (@account, @hash, @salt, @iterations, @stored, @server)
        ON CONFLICT (account_id) DO UPDATE SET password_hash = excluded.password_hash, scram_salt = excluded.scram_salt,
          scram_iterations = excluded.scram_iterations, scram_stored_key = excluded.scram_stored_key, scram_server_key = excluded.scram_server_key
        """,
        ("@account", account.Value), ("@hash", password.Hash), ("@salt", password.Scram.Salt.ToArray()), ("@iterations", password.Scram.Iterations),
        ("@stored", password.Scram.StoredKey.ToArray()), ("@server", password.Scram.ServerKey.ToArray()));

    private static List<Account> ReadAccounts(DbConnection connection, string? domain) => connection.ReadAll(
        $"""
        SELECT {DirectoryRows.AccountColumns} FROM accounts JOIN domains ON domains.id = domain_id
        WHERE name = @name OR @name = '' ORDER BY name, address_key
        """,
        DirectoryRows.Account, ("@name", domain ?? ""));

    private static long DomainId(DbConnection connection, string domain)
    {
        var id = connection.ReadScalar("SELECT id FROM domains WHERE name = @name", ("@name", domain));
        return id != 0 ? id : throw new DirectoryException(DirectoryRefusal.DomainUnknown, domain);
    }

    /// <summary>The domain, which may have addresses of its own.</summary>
    private static long OwnDomainId(DbConnection connection, string domain)
    {
        var id = DomainId(connection, domain);
        return connection.ReadScalar("SELECT 1 FROM domains WHERE id = @id AND alias_of IS NOT NULL", ("@id", id)) == 0 ? id : throw new DirectoryException(DirectoryRefusal.DomainIsAlias, domain);
    }

    private static void RefuseIfAliasOrList(DbConnection connection, EmailAddress address)
    {
        if (IsAlias(connection, address.Key)) throw new DirectoryException(DirectoryRefusal.AddressIsAlias, address.ToString());
        if (IsList(connection, address)) throw new DirectoryException(DirectoryRefusal.AddressIsList, address.ToString());
    }

    private static bool IsAlias(DbConnection connection, string key) => connection.ReadScalar("SELECT 1 FROM aliases WHERE address_key = @key LIMIT 1", ("@key", key)) != 0;

    private static Account? FindAccount(DbConnection connection, EmailAddress address) => connection.ReadAll(
        $"SELECT {DirectoryRows.AccountColumns} FROM accounts WHERE address_key = @key", DirectoryRows.Account, ("@key", address.Key)).FirstOrDefault();

    private static Account RequireAccount(DbConnection connection, EmailAddress address) =>
        FindAccount(connection, address) ?? throw new DirectoryException(DirectoryRefusal.AccountUnknown, address.ToString());

    /// <summary>An account to which somebody can sign in.</summary>
    private static Account RequireUser(DbConnection connection, EmailAddress address) => RequireAccount(connection, address) is { IsShared: false } user
        ? user : throw new DirectoryException(DirectoryRefusal.AccountIsShared, address.ToString());

    private long Now() => time.GetUtcNow().ToUnixTimeSeconds();

    private async ValueTask ChangeAsync(Action<DbConnection> change) => await database.ChangeAsync(connection =>
    {
        change(connection);
        return true;
    });

    private ValueTask<T> ChangeAsync<T>(Func<DbConnection, T> change) => database.ChangeAsync(change);

    private async ValueTask<IReadOnlyList<T>> ReadAsync<T>(Func<DbConnection, List<T>> read, CancellationToken cancel) => await database.ReadAsync(read, cancel);
}

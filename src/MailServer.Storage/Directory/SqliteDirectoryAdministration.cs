using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Directory;

/// <summary>
/// Changes to mail.db, each in one <c>BEGIN IMMEDIATE</c> transaction on a connection of its own, for one thread at a time
/// (which a lock sees to). SQLite works synchronously: the tasks are complete when they are returned.
/// </summary>
internal sealed partial class SqliteDirectoryAdministration : IDirectoryAdministration, IDisposable
{
    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly TimeProvider _time;

    private SqliteDirectoryAdministration(SqliteConnection connection, string path, TimeProvider time)
    {
        _connection = connection;
        _path = path;
        _time = time;
    }

    /// <summary>The steps by which the schema was brought up to date when it was opened.</summary>
    public int MigrationsApplied { get; private init; }

    public static SqliteDirectoryAdministration Open(string path, bool create, TimeProvider time)
    {
        var connection = DirectoryConnection.Open(path, create);
        try
        {
            var applied = DirectoryMigrations.Apply(connection, path);
            return new SqliteDirectoryAdministration(connection, path, time) { MigrationsApplied = applied };
        }
        catch (Exception e) when (e is SqliteException or DirectoryException)
        {
            connection.Dispose();
            if (e is SqliteException sqlite) throw DirectoryConnection.Translate(sqlite, path);
            throw;
        }
    }

    public ValueTask AddDomainAsync(string domain, CancellationToken cancel) => ChangeAsync(() =>
    {
        var added = _connection.Execute("INSERT INTO domains (name, created_at) VALUES ($name, $now) ON CONFLICT DO NOTHING", ("$name", domain), ("$now", Now()));
        if (added == 0) throw new DirectoryException(DirectoryRefusal.DomainExists, domain);
    });

    public ValueTask<IReadOnlyList<DomainEntry>> ListDomainsAsync(CancellationToken cancel) => ReadAsync(static (c, _) => c.ReadAll(
        """
        SELECT name, (SELECT count(*) FROM accounts WHERE domain_id = domains.id), (SELECT count(DISTINCT address_key) FROM aliases WHERE domain_id = domains.id), created_at, quota
        FROM domains ORDER BY name
        """,
        static row => new DomainEntry(row.GetString(0), row.GetInt32(1), row.GetInt32(2), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(3))) { Quota = row.IsDBNull(4) ? null : row.GetInt64(4) }), domain: null);

    public ValueTask<IReadOnlyList<Account>> RemoveDomainAsync(string domain, bool withAccounts, CancellationToken cancel) => ChangeAsync(() =>
    {
        var id = DomainId(domain);
        var accounts = ReadAccounts(_connection, domain);
        if (accounts.Count > 0 && !withAccounts) throw new DirectoryException(DirectoryRefusal.DomainHasAccounts, domain);
        foreach (var account in accounts) Remove(account);
        _connection.Execute("DELETE FROM domains WHERE id = $id", ("$id", id));
        return accounts;
    });

    public ValueTask<Account> AddAccountAsync(EmailAddress address, StoredPassword password, CancellationToken cancel) => ChangeAsync(() =>
    {
        var domain = DomainId(address.Domain);
        if (FindAccount(address) is not null) throw new DirectoryException(DirectoryRefusal.AccountExists, address.ToString());
        if (IsAlias(address.Key)) throw new DirectoryException(DirectoryRefusal.AddressIsAlias, address.ToString());
        _connection.Execute(
            "INSERT INTO accounts (domain_id, address, address_key, created_at) VALUES ($domain, $address, $key, $now)",
            ("$domain", domain), ("$address", address.ToString()), ("$key", address.Key), ("$now", Now()));
        var account = FindAccount(address)!;
        Save(account.Id, password);
        return account;
    });

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(string? domain, CancellationToken cancel) => ReadAsync(ReadAccounts, domain);

    public ValueTask SetPasswordAsync(EmailAddress address, StoredPassword password, CancellationToken cancel) =>
        ChangeAsync(() => Save(RequireAccount(address).Id, password));

    public ValueTask SetEnabledAsync(EmailAddress address, bool enabled, CancellationToken cancel) => ChangeAsync(() =>
    {
        _connection.Execute("UPDATE accounts SET enabled = $enabled WHERE id = $id", ("$enabled", enabled ? 1 : 0), ("$id", RequireAccount(address).Id.Value));
    });

    public ValueTask<Account> RemoveAccountAsync(EmailAddress address, CancellationToken cancel) => ChangeAsync(() =>
    {
        var account = RequireAccount(address);
        Remove(account);
        return account;
    });

    public ValueTask AddAliasAsync(AliasAddress alias, IReadOnlyList<EmailAddress> targets, CancellationToken cancel) => ChangeAsync(() =>
    {
        var domain = DomainId(alias.Domain);
        if (alias.Address is { } address)
        {
            if (FindAccount(address) is not null) throw new DirectoryException(DirectoryRefusal.AddressIsAccount, alias.ToString());
            if (targets.Contains(address)) throw new DirectoryException(DirectoryRefusal.AliasOfItself, alias.ToString());
        }

        var added = 0;
        foreach (var target in targets)
        {
            added += _connection.Execute(
                """
                INSERT INTO aliases (domain_id, address, address_key, target, target_key, target_base)
                VALUES ($domain, $address, $key, $target, $target_key, $target_base) ON CONFLICT DO NOTHING
                """,
                ("$domain", domain), ("$address", alias.ToString()), ("$key", alias.Key),
                ("$target", target.ToString()), ("$target_key", target.Key), ("$target_base", target.WithoutTag().Key));
        }

        if (added == 0) throw new DirectoryException(DirectoryRefusal.AliasExists, alias.ToString());
    });

    public ValueTask<IReadOnlyList<AliasEntry>> ListAliasesAsync(string? domain, CancellationToken cancel) => ReadAsync(ReadAliases, domain);

    public ValueTask RemoveAliasAsync(AliasAddress alias, CancellationToken cancel) => ChangeAsync(() =>
    {
        var removed = _connection.Execute("DELETE FROM aliases WHERE address_key = $key", ("$key", alias.Key));
        if (removed == 0) throw new DirectoryException(DirectoryRefusal.AliasUnknown, alias.ToString());
    });

    public void Dispose()
    {
        lock (_lock) _connection.Dispose();
    }

    private void Remove(Account account)
    {
        var key = account.Address.Key;
        _connection.Execute("DELETE FROM accounts WHERE id = $id", ("$id", account.Id.Value));
        // Aliases led to the account itself or to a subaddress of it, unless that is an account of its own.
        _connection.Execute(
            "DELETE FROM aliases WHERE target_key = $key OR (target_base = $key AND target_key NOT IN (SELECT address_key FROM accounts))", ("$key", key));
    }

    private void Save(AccountId account, StoredPassword password) => _connection.Execute(
        """
        INSERT INTO credentials (account_id, password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key)
        VALUES ($account, $hash, $salt, $iterations, $stored, $server)
        ON CONFLICT (account_id) DO UPDATE SET password_hash = excluded.password_hash, scram_salt = excluded.scram_salt,
          scram_iterations = excluded.scram_iterations, scram_stored_key = excluded.scram_stored_key, scram_server_key = excluded.scram_server_key
        """,
        ("$account", account.Value), ("$hash", password.Hash), ("$salt", password.Scram.Salt.ToArray()), ("$iterations", password.Scram.Iterations),
        ("$stored", password.Scram.StoredKey.ToArray()), ("$server", password.Scram.ServerKey.ToArray()));

    private static List<Account> ReadAccounts(SqliteConnection connection, string? domain) => connection.ReadAll(
        $"""
        SELECT {DirectoryRows.AccountColumns} FROM accounts JOIN domains ON domains.id = domain_id
        WHERE name = $name OR $name = '' ORDER BY name, address_key
        """,
        DirectoryRows.Account, ("$name", domain ?? ""));

    private static List<AliasEntry> ReadAliases(SqliteConnection connection, string? domain) => [.. connection.ReadAll(
            """
            SELECT address, target FROM aliases JOIN domains ON domains.id = domain_id
            WHERE name = $name OR $name = '' ORDER BY name, address_key, aliases.id
            """,
            static row => (Alias: row.GetString(0), Target: EmailAddress.Parse(row.GetString(1))),
            ("$name", domain ?? ""))
        .GroupBy(static row => AliasAddress.TryParse(row.Alias, out var alias) ? alias : throw new FormatException(row.Alias), static row => row.Target)
        .Select(static alias => new AliasEntry(alias.Key, [.. alias]))];

    private long DomainId(string domain)
    {
        var id = _connection.ReadScalar("SELECT id FROM domains WHERE name = $name", ("$name", domain));
        return id != 0 ? id : throw new DirectoryException(DirectoryRefusal.DomainUnknown, domain);
    }

    private bool IsAlias(string key) => _connection.ReadScalar("SELECT 1 FROM aliases WHERE address_key = $key LIMIT 1", ("$key", key)) != 0;

    private Account? FindAccount(EmailAddress address) => _connection.ReadAll(
        $"SELECT {DirectoryRows.AccountColumns} FROM accounts WHERE address_key = $key", DirectoryRows.Account, ("$key", address.Key)).FirstOrDefault();

    private Account RequireAccount(EmailAddress address) =>
        FindAccount(address) ?? throw new DirectoryException(DirectoryRefusal.AccountUnknown, address.ToString());

    private long Now() => _time.GetUtcNow().ToUnixTimeSeconds();

    private ValueTask ChangeAsync(Action change)
    {
        Change(() =>
        {
            change();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    private ValueTask<T> ChangeAsync<T>(Func<T> change) => new(Change(change));

    private ValueTask<IReadOnlyList<Account>> ChangeAsync(Func<List<Account>> change) => new(Change(change));

    private T Change<T>(Func<T> change)
    {
        lock (_lock)
        {
            try
            {
                using var transaction = _connection.BeginTransaction(deferred: false);
                var result = change();
                transaction.Commit();
                return result;
            }
            catch (SqliteException e)
            {
                throw DirectoryConnection.Translate(e, _path);
            }
        }
    }

    private ValueTask<IReadOnlyList<T>> ReadAsync<T>(Func<SqliteConnection, string?, List<T>> read, string? domain)
    {
        lock (_lock)
        {
            try
            {
                return new ValueTask<IReadOnlyList<T>>(read(_connection, domain));
            }
            catch (SqliteException e)
            {
                throw DirectoryConnection.Translate(e, _path);
            }
        }
    }
}

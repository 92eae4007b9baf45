using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Tests.Postgres;

/// <summary>Two nodes on one database: their caches agree, and survive an outage of the database.</summary>
[Trait("Speed", "Slow")]
public sealed class PostgresDirectoryTests
{
    private const int Versions = 10;
    private static readonly EmailAddress Ann = EmailAddress.Parse("ann@example.org");

    [PostgresFact]
    public async Task Another_node_sees_a_new_account_that_it_had_cached_as_missing()
    {
        using var directory = new PostgresDirectoryFixture();
        using var other = directory.OpenAnother();
        await directory.Administration.AddDomainAsync("example.org", default);
        await directory.HeardAsync();
        for (var i = 0; i < 20; i++)
        {
            var address = EmailAddress.Parse($"user{i}@example.org");
            Assert.IsType<RecipientResolution.Unknown>(await other.ResolveAsync(address, default));
            await directory.AddAsync(address.ToString());
            await directory.HeardAsync();
            Assert.IsType<RecipientResolution.Local>(await other.ResolveAsync(address, default));
        }
    }

    [PostgresFact]
    public async Task Own_changes_are_seen_by_the_next_query()
    {
        using var directory = new PostgresDirectoryFixture();
        for (var i = 0; i < 20; i++)
        {
            Assert.False(await directory.Store.IsHostedAsync("example.org", default));
            await directory.Administration.AddDomainAsync("example.org", default);
            Assert.True(await directory.Store.IsHostedAsync("example.org", default));
            await directory.Administration.RemoveDomainAsync("example.org", withAccounts: false, default);
        }
    }

    [PostgresFact]
    public async Task Manual_changes_in_the_database_are_noticed()
    {
        using var directory = new PostgresDirectoryFixture();
        var ann = await directory.AddAsync(Ann.ToString());
        Assert.True((await directory.Store.FindAccountAsync(ann.Id, default))!.Enabled);
        PostgresServer.Shared.QueryAt(directory.Connection, "UPDATE accounts SET enabled = 0");
        await directory.HeardAsync();
        Assert.False((await directory.Store.FindAccountAsync(ann.Id, default))!.Enabled);
    }

    [PostgresFact]
    public async Task Without_the_database_cached_answers_are_served_and_the_rest_fails_quickly()
    {
        using var server = new PostgresServer();
        using var directory = new PostgresDirectoryFixture(server);
        await directory.AddAsync(Ann.ToString());
        await directory.HeardAsync();
        Assert.IsType<RecipientResolution.Local>(await directory.Store.ResolveAsync(Ann, default));
        server.Stop();
        Assert.IsType<RecipientResolution.Local>(await directory.Store.ResolveAsync(Ann, default));
        var start = TimeProvider.System.GetTimestamp();
        var failure = await Assert.ThrowsAsync<DirectoryException>(async () => await directory.Store.FindLoginAsync(Ann, default));
        Assert.Equal(DirectoryRefusal.DatabaseUnusable, failure.Refusal);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(8));
        Assert.DoesNotContain("Username", failure.Message, StringComparison.Ordinal);
        server.Start();
        server.QueryAt(directory.Connection, "UPDATE accounts SET enabled = 0");
        await EventuallyAsync(async () => await directory.Store.ResolveAsync(Ann, default) is RecipientResolution.Disabled);
    }

    [PostgresFact]
    public async Task A_listener_clears_its_cache_after_a_reconnection()
    {
        using var directory = new PostgresDirectoryFixture();
        var ann = await directory.AddAsync(Ann.ToString());
        using var other = directory.OpenAnother();
        Assert.NotNull(await other.FindAccountAsync(ann.Id, default));
        // Changed while no node is connected, in a single transaction, so that the notification is missed.
        PostgresServer.Shared.QueryAt(directory.Connection, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid(); UPDATE accounts SET enabled = 0");
        await EventuallyAsync(async () => (await other.FindAccountAsync(ann.Id, default)) is { Enabled: false });
        await EventuallyAsync(() => Task.FromResult(directory.Listeners.All(l => l.IsListening)));
    }

    [PostgresFact]
    public void A_database_without_tables_or_of_a_newer_program_is_refused()
    {
        var connection = PostgresServer.Shared.CreateDatabase();
        using var database = new MailServer.Storage.Postgres.PostgresDatabase(connection);
        Assert.Equal(DirectoryRefusal.DatabaseMissing, Assert.Throws<DirectoryException>(() => database.Migrate(create: false)).Refusal);
        Assert.Equal(Versions, database.Migrate(create: true));
        Assert.Equal(0, database.Migrate(create: false));
        PostgresServer.Shared.QueryAt(connection, "UPDATE schema_version SET version = 99");
        Assert.Equal(DirectoryRefusal.DatabaseNewer, Assert.Throws<DirectoryException>(() => database.Migrate(create: false)).Refusal);
    }

    [PostgresFact]
    public void A_database_of_the_first_version_is_upgraded_and_keeps_its_rows()
    {
        var connection = PostgresServer.Shared.CreateDatabase();
        using var database = new MailServer.Storage.Postgres.PostgresDatabase(connection);
        database.Migrate(create: true);
        PostgresServer.Shared.QueryAt(connection, """
            ALTER TABLE credentials DROP COLUMN recovery_codes;
            ALTER TABLE app_passwords DROP COLUMN expires_at, DROP COLUMN networks;
            ALTER TABLE aliases DROP COLUMN enabled, DROP COLUMN comment, DROP COLUMN is_pattern;
            ALTER TABLE domains DROP COLUMN enabled, DROP COLUMN mta_sts, DROP COLUMN comment, DROP COLUMN alias_of;
            ALTER TABLE accounts DROP COLUMN is_shared;
            DROP TABLE invitations, network_rules, queue_pauses, shares, list_members, lists;
            UPDATE schema_version SET version = 1;
            INSERT INTO domains (id, name, created_at) VALUES (1, 'example.org', 1);
            INSERT INTO accounts (id, domain_id, address, address_key, created_at) VALUES (1, 1, 'ann@example.org', 'ann@example.org', 1);
            INSERT INTO credentials (account_id, password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key, totp_key) VALUES (1, 'hash', '', 1, '', '', 'x');
            INSERT INTO app_passwords (account_id, name, scope, digest, created_at) VALUES (1, 'phone', 1, 'x', 1)
            """);
        Assert.Equal(Versions - 1, database.Migrate(create: false));
        Assert.Equal("1|phone||", PostgresServer.Shared.QueryAt(connection, "SELECT c.account_id || '|' || p.name || '|' || coalesce(p.expires_at::text, '') || '|' || p.networks FROM credentials c JOIN app_passwords p USING (account_id) WHERE c.recovery_codes IS NULL").Trim());
    }

    [Fact]
    public void An_invalid_connection_string_is_described_without_showing_it()
    {
        Assert.Null(MailServer.Storage.Postgres.PostgresDatabase.FindFault("Host=db;Database=mail;Password=secret"));
        foreach (var wrong in new[] { "secret", "Host=db;Pasword=secret", "Database=mail;Password=secret", "Host=db;Password=secret" })
            Assert.DoesNotContain("secret", MailServer.Storage.Postgres.PostgresDatabase.FindFault(wrong)!, StringComparison.Ordinal);
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                if (await condition()) return;
            }
            catch (DirectoryException) when (i < 500)
            {
                // Not reconnected yet.
            }

            Assert.True(i < 500, "did not happen in time");
            await Task.Delay(20);
        }
    }
}

using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>
/// Leases in the shared database. Expiry is determined only by the clock of the database, so that a node with a wrong clock neither keeps
/// a lease too long nor takes one too early. Each acquisition gets a new version, which is required to renew and release the lease.
/// </summary>
public sealed class LeaseTable(PostgresDatabase database)
{
    /// <summary>Acquires a lease that is free, expired or already held by the owner. Returns its version; null if another owner holds it.</summary>
    public Task<long?> TryAcquireAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancel) => AskAsync(
        """
        INSERT INTO leases (name, owner, version, expires) VALUES (@name, @owner, 1, clock_timestamp() + @ttl)
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, version = leases.version + 1, expires = clock_timestamp() + @ttl
        WHERE leases.owner = excluded.owner OR leases.expires <= clock_timestamp()
        RETURNING version
        """,
        [("@name", name), ("@owner", owner), ("@ttl", timeToLive)], cancel);

    /// <summary>Renews a lease; returns false if it has expired or is held by another owner.</summary>
    public async Task<bool> RenewAsync(string name, long version, TimeSpan timeToLive, CancellationToken cancel) => await AskAsync(
        """
        UPDATE leases SET expires = clock_timestamp() + @ttl
        WHERE name = @name AND version = @version AND expires > clock_timestamp() RETURNING version
        """,
        [("@name", name), ("@version", version), ("@ttl", timeToLive)], cancel) is not null;

    /// <summary>Releases a lease; returns false if it was no longer held.</summary>
    public async Task<bool> ReleaseAsync(string name, long version, CancellationToken cancel) => await AskAsync(
        "UPDATE leases SET owner = '', expires = clock_timestamp() WHERE name = @name AND version = @version AND expires > clock_timestamp() RETURNING version",
        [("@name", name), ("@version", version)], cancel) is not null;

    private async Task<long?> AskAsync(string sql, (string Name, object Value)[] parameters, CancellationToken cancel)
    {
        try
        {
            try
            {
                return await TryAskAsync(sql, parameters, cancel);
            }
            catch (NpgsqlException)
            {
                // The pooled connection was broken, for example because the database was restarted; all these statements can be repeated safely.
                return await TryAskAsync(sql, parameters, cancel);
            }
        }
        catch (Exception e) when (PostgresDatabase.IsFailure(e))
        {
            throw database.Translate(e);
        }
    }

    private async Task<long?> TryAskAsync(string sql, (string Name, object Value)[] parameters, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return await command.ExecuteScalarAsync(cancel) as long?;
    }
}

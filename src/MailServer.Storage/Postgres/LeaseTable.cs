using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>
/// Leases in the shared database. Only its clock says when one ends: a node whose own clock is wrong neither keeps a lease too long nor takes
/// one too early. Each owner gets a version that no later one shares, and with it renews and releases.
/// </summary>
public sealed class LeaseTable(PostgresDatabase database)
{
    /// <summary>Takes a lease that is free, has ended, or is the owner's. Returns its version; null: somebody else holds it.</summary>
    public Task<long?> TryAcquireAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancel) => AskAsync(
        """
        INSERT INTO leases (name, owner, version, expires) VALUES (@name, @owner, 1, clock_timestamp() + @ttl)
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, version = leases.version + 1, expires = clock_timestamp() + @ttl
        WHERE leases.owner = excluded.owner OR leases.expires <= clock_timestamp()
        RETURNING version
        """,
        [("@name", name), ("@owner", owner), ("@ttl", timeToLive)], cancel);

    /// <summary>False: the lease has ended, or is somebody else's.</summary>
    public async Task<bool> RenewAsync(string name, long version, TimeSpan timeToLive, CancellationToken cancel) => await AskAsync(
        """
        UPDATE leases SET expires = clock_timestamp() + @ttl
        WHERE name = @name AND version = @version AND expires > clock_timestamp() RETURNING version
        """,
        [("@name", name), ("@version", version), ("@ttl", timeToLive)], cancel) is not null;

    /// <summary>False: it was not held any more.</summary>
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
                // The connection had died while it lay unused, as when the database was restarted; each of these may be asked twice.
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

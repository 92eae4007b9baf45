using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>
/// Records which cluster is the current one, as a lease that names one of its members. The members renew it. A
/// starting node joins the recorded cluster; it forms a new cluster only after taking the lease, which succeeds for
/// one node at a time and only while no cluster holds it. Expiry is determined only by the clock of the database.
/// </summary>
public sealed class CurrentClusterLease(PostgresDatabase database, TimeSpan timeToLive) : ICurrentClusterRegistry
{
    private const string Name = "current-cluster";

    public async Task<string?> FindAsync(CancellationToken cancel) => await AskAsync(
        "SELECT owner FROM leases WHERE name = @name AND expires > clock_timestamp()", [("@name", Name)], cancel) as string;

    public async Task<bool> HoldAsync(string member, IReadOnlyCollection<string> known, CancellationToken cancel) => await AskAsync(
        """
        INSERT INTO leases (name, owner, version, expires) VALUES (@name, @member, 1, clock_timestamp() + @ttl)
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, version = leases.version + 1, expires = clock_timestamp() + @ttl
        WHERE leases.owner = excluded.owner OR leases.owner = ANY(@known) OR leases.expires <= clock_timestamp()
        RETURNING version
        """,
        [("@name", Name), ("@member", member), ("@known", known.ToArray()), ("@ttl", timeToLive)], cancel) is not null;

    public Task ReleaseAsync(string member, CancellationToken cancel) => AskAsync(
        "UPDATE leases SET owner = '', expires = clock_timestamp() WHERE name = @name AND owner = @member", [("@name", Name), ("@member", member)], cancel);

    private async Task<object?> AskAsync(string sql, (string Name, object Value)[] parameters, CancellationToken cancel)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancel);
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
            return await command.ExecuteScalarAsync(cancel);
        }
        catch (Exception e) when (PostgresDatabase.IsFailure(e))
        {
            throw database.Translate(e);
        }
    }
}

using System.Net;
using MailServer.Domain.Access;
using MailServer.Storage.Access;
using MailServer.Storage.Directory;
using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>The bans shared by the nodes of a cluster.</summary>
public sealed class PostgresBanStore(PostgresDatabase database, TimeProvider time) : IBanStore
{
    public IReadOnlyList<Ban> Load() => Do(connection => connection.ReadAll(
        "SELECT address, since, until, reason, by_hand FROM bans", BanRows.Ban).FindAll(b => b.IsActiveAt(time.GetUtcNow())));

    public void Save(Ban ban)
    {
        ArgumentNullException.ThrowIfNull(ban);
        Do(connection =>
        {
            connection.Execute("DELETE FROM bans WHERE until <= @now", ("@now", Now()));
            return connection.Execute(BanRows.Save, BanRows.Parameters(ban));
        });
    }

    public void Remove(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Do(connection => connection.Execute("DELETE FROM bans WHERE address = @address", ("@address", address.ToString())));
    }

    public IReadOnlyList<NetworkRule> LoadRules() => Do(connection => connection.ReadAll(NetworkRuleRows.Load, NetworkRuleRows.Rule).FindAll(r => r.IsActiveAt(time.GetUtcNow())));

    public void SaveRule(NetworkRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Do(connection =>
        {
            connection.Execute("DELETE FROM network_rules WHERE until <= @now", ("@now", Now()));
            return connection.Execute(NetworkRuleRows.Save, NetworkRuleRows.Parameters(rule));
        });
    }

    public void RemoveRule(IPNetwork network) => Do(connection => connection.Execute(NetworkRuleRows.Remove, ("@network", network.ToString())));

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private T Do<T>(Func<NpgsqlConnection, T> work) => database.Repeat(work);
}

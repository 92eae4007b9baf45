using System.Data.Common;
using System.Net;
using MailServer.Domain.Access;

namespace MailServer.Storage.Access;

/// <summary>Maps rules for networks to and from database rows, for SQLite and PostgreSQL.</summary>
internal static class NetworkRuleRows
{
    public const string Load = "SELECT network, allowed, since, until, reason FROM network_rules";

    public const string Remove = "DELETE FROM network_rules WHERE network = @network";

    public const string Save =
        """
        INSERT INTO network_rules (network, allowed, since, until, reason) VALUES (@network, @allowed, @since, @until, @reason)
        ON CONFLICT (network) DO UPDATE SET allowed = excluded.allowed, since = excluded.since, until = excluded.until, reason = excluded.reason
        """;

    public static (string Name, object Value)[] Parameters(NetworkRule rule) =>
    [
        ("@network", rule.Network.ToString()), ("@allowed", rule.IsAllowed ? 1 : 0), ("@since", rule.Since.ToUnixTimeMilliseconds()), ("@until", rule.Until.ToUnixTimeMilliseconds()), ("@reason", rule.Reason),
    ];

    public static NetworkRule Rule(DbDataReader row) => new(IPNetwork.Parse(row.GetString(0)), row.GetInt64(1) != 0, BanRows.Time(row.GetInt64(2)), BanRows.Time(row.GetInt64(3)), row.GetString(4));
}

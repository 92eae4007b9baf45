using System.Data.Common;
using System.Net;
using MailServer.Domain.Access;

namespace MailServer.Storage.Access;

/// <summary>Maps bans to and from database rows, for SQLite and PostgreSQL.</summary>
internal static class BanRows
{
    public const string Save =
        """
        INSERT INTO bans (address, since, until, reason, by_hand) VALUES (@address, @since, @until, @reason, @by_hand)
        ON CONFLICT (address) DO UPDATE SET since = excluded.since, until = excluded.until, reason = excluded.reason, by_hand = excluded.by_hand
        """;

    public static (string Name, object Value)[] Parameters(Ban ban) =>
    [
        ("@address", ban.Address.ToString()), ("@since", ban.Since.ToUnixTimeMilliseconds()), ("@until", ban.Until.ToUnixTimeMilliseconds()),
        ("@reason", ban.Reason), ("@by_hand", ban.IsManual ? 1 : 0),
    ];

    public static Ban Ban(DbDataReader row) => new(IPAddress.Parse(row.GetString(0)), Time(row.GetInt64(1)), Time(row.GetInt64(2)), row.GetString(3), row.GetInt64(4) != 0);

    public static DateTimeOffset Time(long milliseconds) =>
        milliseconds >= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

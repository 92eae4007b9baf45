using System.Data.Common;
using MailServer.Domain.Delivery;

namespace MailServer.Storage.Access;

/// <summary>Maps pauses of the queue to and from database rows, for SQLite and PostgreSQL.</summary>
internal static class QueuePauseRows
{
    public const string Load = "SELECT domain, since, reason FROM queue_pauses";

    public const string Remove = "DELETE FROM queue_pauses WHERE domain = @domain";

    public const string Save =
        """
        INSERT INTO queue_pauses (domain, since, reason) VALUES (@domain, @since, @reason)
        ON CONFLICT (domain) DO UPDATE SET since = excluded.since, reason = excluded.reason
        """;

    public static (string Name, object Value)[] Parameters(QueuePause pause) =>
        [("@domain", pause.Domain), ("@since", pause.Since.ToUnixTimeMilliseconds()), ("@reason", pause.Reason)];

    public static QueuePause Pause(DbDataReader row) => new(row.GetString(0), BanRows.Time(row.GetInt64(1)), row.GetString(2));
}

namespace MailServer.Domain.Measurements;

/// <summary>The periods over which the history is shown. Each has a fixed number of points, so the history has a fixed size.</summary>
public enum HistorySpan
{
    /// <summary>24 hours, a point each 10 minutes.</summary>
    Day,

    /// <summary>31 days, a point each 4 hours.</summary>
    Month,

    /// <summary>366 days, a point each day.</summary>
    Year,
}

/// <summary>The points of the periods.</summary>
public static class HistorySpans
{
    public static TimeSpan StepOf(HistorySpan span) => span switch { HistorySpan.Day => TimeSpan.FromMinutes(10), HistorySpan.Month => TimeSpan.FromHours(4), _ => TimeSpan.FromDays(1) };

    public static int PointsOf(HistorySpan span) => span switch { HistorySpan.Day => 144, HistorySpan.Month => 186, _ => 366 };

    /// <summary>day, month or year.</summary>
    public static string NameOf(HistorySpan span) => span switch { HistorySpan.Day => "day", HistorySpan.Month => "month", _ => "year" };

    public static bool TryParse(string? text, out HistorySpan span)
    {
        span = text switch { "month" => HistorySpan.Month, "year" => HistorySpan.Year, _ => HistorySpan.Day };
        return text is "day" or "month" or "year";
    }

    /// <summary>The start of the point to which a time belongs. Points start at multiples of the step in UTC, so those of all nodes agree.</summary>
    public static DateTimeOffset StartOf(HistorySpan span, DateTimeOffset at)
    {
        var step = StepOf(span).Ticks;
        return new DateTimeOffset(at.UtcTicks / step * step, TimeSpan.Zero);
    }
}

/// <summary>What happened in a period.</summary>
/// <param name="Received">Messages accepted from other servers and from users.</param>
/// <param name="Sent">Deliveries to recipients at other servers.</param>
/// <param name="Refused">Messages, recipients and connections that were refused or deferred.</param>
/// <param name="OctetsIn">Octets received in mail sessions, without TLS.</param>
/// <param name="OctetsOut">Octets sent in mail sessions, without TLS.</param>
/// <param name="Queued">The most messages in the queue.</param>
/// <param name="SignIns">Accepted sign-ins.</param>
/// <param name="RefusedSignIns">Refused sign-ins.</param>
public sealed record HistoryValues(long Received, long Sent, long Refused, long OctetsIn, long OctetsOut, long Queued, long SignIns, long RefusedSignIns)
{
    public static HistoryValues Zero { get; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Adds the events; of the queue, which the nodes of a cluster share, the larger number counts.</summary>
    public HistoryValues Plus(HistoryValues other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new HistoryValues(
            Received + other.Received, Sent + other.Sent, Refused + other.Refused, OctetsIn + other.OctetsIn, OctetsOut + other.OctetsOut, Math.Max(Queued, other.Queued), SignIns + other.SignIns,
            RefusedSignIns + other.RefusedSignIns);
    }
}

/// <summary>A point of the history.</summary>
/// <param name="At">The start of the period.</param>
/// <param name="Values">What happened in it.</param>
public sealed record HistoryPoint(DateTimeOffset At, HistoryValues Values);

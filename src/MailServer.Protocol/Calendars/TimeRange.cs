using System.Diagnostics.CodeAnalysis;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>A time range in UTC from <see cref="Start"/> (inclusive) to <see cref="End"/> (exclusive); a missing bound is open (RFC 4791 §9.9).</summary>
public readonly record struct TimeRange
{
    public TimeRange(DateTimeOffset? start, DateTimeOffset? end)
    {
        From = start?.UtcDateTime ?? SaturatingDateTime.Earliest;
        To = end?.UtcDateTime ?? SaturatingDateTime.Latest;
    }

    internal TimeRange(DateTime from, DateTime to)
    {
        From = from;
        To = to;
    }

    public static TimeRange Everything => new(null, null);

    public DateTimeOffset? Start => From == SaturatingDateTime.Earliest ? null : new DateTimeOffset(From, TimeSpan.Zero);

    public DateTimeOffset? End => To == SaturatingDateTime.Latest ? null : new DateTimeOffset(To, TimeSpan.Zero);

    internal DateTime From { get; }

    internal DateTime To { get; }

    /// <summary>Parses the attributes of <c>time-range</c>, <c>expand</c> and similar elements: UTC date-times, at least one, the end after the start.</summary>
    public static bool TryParse(string? start, string? end, [NotNullWhen(true)] out TimeRange? range)
    {
        range = null;
        if (start is null && end is null || !TryReadUtc(start, SaturatingDateTime.Earliest, out var from) || !TryReadUtc(end, SaturatingDateTime.Latest, out var to) || to <= from)
            return false;
        range = new TimeRange(from, to);
        return true;
    }

    private static bool TryReadUtc(string? text, DateTime absent, out DateTime moment)
    {
        moment = absent;
        if (text is null)
            return true;
        if (!CalendarValues.TryReadTime(text, out var local, out var form) || form != CalendarTimeForm.Utc)
            return false;
        moment = SaturatingDateTime.Utc(local);
        return true;
    }
}

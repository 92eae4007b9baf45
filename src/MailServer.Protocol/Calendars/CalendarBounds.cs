using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>The limits that calendars advertise (RFC 4791 §5.2.5–5.2.9). Every stored object must comply with them.</summary>
public static class CalendarBounds
{
    /// <summary>The earliest date. Birthdays without a year are written with the year 1604, so this must be earlier.</summary>
    public static DateTimeOffset First { get; } = new(1600, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset Last { get; } = new(2200, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>The largest COUNT of a recurrence rule. Rules without COUNT are not limited: they are expanded only within the requested range.</summary>
    public const int MaxInstances = 10_000;

    /// <summary>The local name of the violated precondition; null if the object complies with all of them.</summary>
    public static string? ViolatedPrecondition(CalendarObject calendar)
    {
        // Only dates that are present are checked, so a task without dates always complies.
        if (calendar.Components.SelectMany(Written).Any(time => time.Local < First.UtcDateTime)) return "min-date-time";
        if (calendar.Components.Any(component => component.Start is { } start && start.Local > Last.UtcDateTime)) return "max-date-time";
        var counted = calendar.Components.Sum(component => (long)component.Dates.Count + component.Rules.Sum(rule => (long)(rule.Count ?? 0)));
        return counted > MaxInstances ? "max-instances" : null;
    }

    private static IEnumerable<CalendarTime> Written(CalendarComponent component)
    {
        foreach (var date in component.Dates) yield return date.Start;
        if (component.Anchor is { } anchor) yield return anchor;
        if (component.End is { } end) yield return end;
    }
}

namespace MailServer.Protocol.Calendars;

/// <summary>Bounds that calendars announce (RFC 4791 §5.2.5–5.2.9) and that what is stored must keep.</summary>
public static class CalendarBounds
{
    /// <summary>Birthdays of which nobody knows the year are written as 1604.</summary>
    public static DateTimeOffset First { get; } = new(1600, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset Last { get; } = new(2200, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>Instances that a rule may count up to; one without a count goes on for ever, and is expanded where it is asked for.</summary>
    public const int MaxInstances = 10_000;

    /// <summary>The local name of the precondition that does not hold; null when all do.</summary>
    public static string? Broken(CalendarObject calendar)
    {
        // A task without dates keeps every bound: only what is written is looked at.
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

using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>Tests whether an instance overlaps a time range, by the tables of RFC 4791 §9.9 (for availability: RFC 7953 §7.1).</summary>
internal static class TimeRangeOverlap
{
    public static bool Overlaps(CalendarInstance instance, TimeRange range, CalendarTimeZone floating) => instance.Component.Name switch
    {
        "VEVENT" => Event(instance, range),
        "VTODO" => Task(instance, range, floating),
        "VJOURNAL" => Journal(instance, range),
        "VFREEBUSY" => FreeBusy(instance.Component, range, floating),
        _ => Availability(instance.Component, range, floating),
    };

    /// <summary>An event of zero length overlaps a range that contains its start.</summary>
    private static bool Event(CalendarInstance instance, TimeRange range)
    {
        var (start, end) = (instance.StartUtc, instance.EndUtc ?? instance.StartUtc);
        return end > start
            ? range.From < end && range.To > start
            : range.From <= start && range.To > start;
    }

    private static bool Task(CalendarInstance instance, TimeRange range, CalendarTimeZone floating)
    {
        var task = instance.Component;
        if (task.Start is null && task.End is null)
            return UndatedTask(task.Completed?.ToUtc(floating), task.Created?.ToUtc(floating), range);
        var (start, end) = (instance.StartUtc, instance.EndUtc);
        if (task.Start is null)
            return range.From < start && range.To >= start;
        if (end is not { } due)
            return range.From <= start && range.To > start;
        return task.Duration is not null
            ? range.From <= due && (range.To > start || range.To >= due)
            : (range.From < due || range.From <= start) && (range.To > start || range.To >= due);
    }

    private static bool UndatedTask(DateTime? completed, DateTime? created, TimeRange range) => (completed, created) switch
    {
        ({ } done, { } made) => (range.From <= made || range.From <= done) && (range.To >= made || range.To >= done),
        ({ } done, null) => range.From <= done && range.To >= done,
        (null, { } made) => range.To > made,
        _ => true,
    };

    private static bool Journal(CalendarInstance instance, TimeRange range)
    {
        if (instance.Component.Start is null)
            return false;
        return instance.Start is { IsDate: true } ? Event(instance, range) : range.From <= instance.StartUtc && range.To > instance.StartUtc;
    }

    private static bool FreeBusy(CalendarComponent component, TimeRange range, CalendarTimeZone floating)
    {
        if (component is { Start: { } start, End: { } end })
            return range.From <= end.ToUtc(floating) && range.To > start.ToUtc(floating);
        return component.Periods.Any(p => range.From < (p.EndUtc(floating) ?? p.Start.ToUtc(floating)) && range.To > p.Start.ToUtc(floating));
    }

    private static bool Availability(CalendarComponent component, TimeRange range, CalendarTimeZone floating)
    {
        var start = component.Start?.ToUtc(floating) ?? SaturatingDateTime.Earliest;
        var end = component.End?.ToUtc(floating)
            ?? (component is { Start: { } from, Duration: { } duration } ? duration.AddTo(from, floating) : SaturatingDateTime.Latest);
        return range.From < end && range.To > start;
    }
}

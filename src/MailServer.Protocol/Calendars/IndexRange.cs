using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// The time range stored in the index with a resource, so that a query can skip resources that cannot overlap.
/// It is widened by 14 hours for dates and floating times, which depend on the viewer's time zone.
/// </summary>
internal sealed class IndexRange
{
    private const int MaxInstances = 512;
    private static readonly TimeSpan Zones = TimeSpan.FromHours(14);

    public IndexRange(IReadOnlyList<CalendarComponent> components, CalendarObject calendar)
    {
        var (first, last) = (SaturatingDateTime.Latest, SaturatingDateTime.Earliest);
        if (components.Any(c => c.Anchor is null || c.Name is "VFREEBUSY" or "VAVAILABILITY"))
            (first, last) = (SaturatingDateTime.Earliest, SaturatingDateTime.Latest);
        else if (components.Any(c => c.Rules.Any(r => r.IsEndless)))
            (first, last) = (components.Min(Earliest), SaturatingDateTime.Latest);
        else
            (first, last, Instances) = Span(calendar);
        First = new DateTimeOffset(first, TimeSpan.Zero);
        Last = last == SaturatingDateTime.Latest ? null : new DateTimeOffset(last, TimeSpan.Zero);
    }

    public DateTimeOffset First { get; }

    public DateTimeOffset? Last { get; }

    /// <summary>See <see cref="CalendarObject.IndexedInstances"/>.</summary>
    public IReadOnlyList<(long Start, long End)>? Instances { get; }

    /// <summary>The earliest time of a component; includes a due time before the start.</summary>
    private static DateTime Earliest(CalendarComponent component)
    {
        var first = SaturatingDateTime.Latest;
        foreach (var time in component.Dates.Select(d => d.Start).Append(component.Anchor!.Value).Append(component.End ?? component.Anchor.Value))
            first = SaturatingDateTime.Min(first, Widened(time, time.ToUtc(CalendarTimeZone.Utc), -Zones));
        return first;
    }

    private static (DateTime First, DateTime Last, List<(long, long)>? Instances) Span(CalendarObject calendar)
    {
        var (first, last) = (SaturatingDateTime.Latest, SaturatingDateTime.Earliest);
        var instances = calendar.Components.All(IsFixedEvent) ? new List<(long Start, long End)>() : null;
        var budget = calendar.NewBudget();
        foreach (var instance in calendar.Instances(CalendarTimeZone.Utc, budget).Near(SaturatingDateTime.Earliest, SaturatingDateTime.Latest))
        {
            var end = instance.EndUtc ?? instance.StartUtc;
            first = SaturatingDateTime.Min(first, Widened(instance.Start!.Value, SaturatingDateTime.Min(instance.StartUtc, end), -Zones));
            last = SaturatingDateTime.Max(last, Widened(instance.Start.Value, SaturatingDateTime.Max(instance.StartUtc, end), Zones));
            if (instances?.Count == MaxInstances || instance.Start.Value.IsFloating) instances = null;
            instances?.Add((Seconds(instance.StartUtc), Seconds(SaturatingDateTime.Max(instance.StartUtc, end))));
        }

        if (budget.Exhausted)
            return (calendar.Components.Min(Earliest), SaturatingDateTime.Latest, null);
        instances?.Sort();
        return first > last ? (SaturatingDateTime.Earliest, SaturatingDateTime.Latest, null) : (first, last, instances);
    }

    /// <summary>True for an event without floating times: its instances do not depend on the viewer's time zone.</summary>
    private static bool IsFixedEvent(CalendarComponent component) =>
        component is { Name: "VEVENT", Start.IsFloating: false, End: null or { IsFloating: false }, RecurrenceId: null or { IsFloating: false } }
        && !component.ExceptionDates.Any(time => time.IsFloating);

    private static long Seconds(DateTime utc) => new DateTimeOffset(utc, TimeSpan.Zero).ToUnixTimeSeconds();

    private static DateTime Widened(CalendarTime time, DateTime utc, TimeSpan by) => time.IsFloating ? utc.Plus(by) : utc;
}

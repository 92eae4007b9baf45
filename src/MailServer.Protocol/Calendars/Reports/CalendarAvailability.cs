using System.Diagnostics.CodeAnalysis;
using System.Text;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Reports;

/// <summary>
/// The availability of a calendar user (RFC 7953). Within the range of a VAVAILABILITY, all time outside its AVAILABLE components is busy.
/// Where several overlap, the one with the highest priority applies.
/// </summary>
public sealed class CalendarAvailability
{
    private readonly IReadOnlyList<AvailabilityBlock> _parts;

    private CalendarAvailability(IReadOnlyList<AvailabilityBlock> parts) => _parts = parts;

    /// <summary>Parses the value of CALDAV:calendar-availability.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> text, CalendarLimits limits, [NotNullWhen(true)] out CalendarAvailability? availability)
    {
        availability = null;
        if (!ContentComponentParser.TryRead(text, limits.Content, out var roots, out _) || roots is not [{ Name: "VCALENDAR" } root]) return false;
        var parts = new List<AvailabilityBlock>();
        foreach (var component in root.ComponentsNamed("VAVAILABILITY"))
        {
            if (!TryRead(root, component, limits, out var part)) return false;
            parts.Add(part);
        }

        availability = new CalendarAvailability(Ordered(parts));
        return parts.Count > 0;
    }

    /// <summary>Several availabilities as one; null if there are none.</summary>
    public static CalendarAvailability? Merge(IReadOnlyCollection<CalendarAvailability> all) => all.Count == 0 ? null : new CalendarAvailability(Ordered(all.SelectMany(static one => one._parts)));

    /// <summary>The busy times within <paramref name="range"/>, grouped by VAVAILABILITY in order of priority.</summary>
    public IEnumerable<(DateTime From, DateTime To, BusyType Type)> BusyTimes(TimeRange range, CalendarTimeZone floating)
    {
        var undecided = new List<(DateTime From, DateTime To)> { (range.From, range.To) };
        foreach (var part in _parts)
        {
            var (from, to) = (part.Start?.ToUtc(floating) ?? range.From, part.End?.ToUtc(floating) ?? range.To);
            var decided = undecided.Select(u => (From: SaturatingDateTime.Max(u.From, from), To: SaturatingDateTime.Min(u.To, to))).Where(u => u.From < u.To).ToList();
            undecided = Without(undecided, [(from, to)]);
            foreach (var (start, end) in Without(decided, part.Free(range, floating))) yield return (start, end, part.Type);
        }
    }

    /// <summary>Priority 1 is the highest, 0 the lowest (RFC 7953 §3.1); of the same priority the busiest applies (§4).</summary>
    private static IReadOnlyList<AvailabilityBlock> Ordered(IEnumerable<AvailabilityBlock> parts) =>
        [.. parts.OrderBy(static part => part.Priority == 0 ? int.MaxValue : part.Priority).ThenBy(static part => part.Type switch { BusyType.Busy => 0, BusyType.BusyUnavailable => 1, _ => 2 })];

    private static bool TryRead(ContentComponent root, ContentComponent component, CalendarLimits limits, [NotNullWhen(true)] out AvailabilityBlock? part)
    {
        part = null;
        var zones = new ObjectTimeZones(root);
        if (!new CalendarComponentReader(zones).TryRead(component, out var whole, out _)) return false;
        var available = new List<CalendarObject>();
        foreach (var inner in component.ComponentsNamed("AVAILABLE"))
        {
            if (!CalendarObject.TryParse(AsEvent(root, inner), limits, out var calendar, out _)) return false;
            available.Add(calendar);
        }

        var type = component.TextOf("BUSYTYPE")?.Trim().ToUpperInvariant() switch { "BUSY" => BusyType.Busy, "BUSY-TENTATIVE" => BusyType.BusyTentative, _ => BusyType.BusyUnavailable };
        _ = int.TryParse(component.Line("PRIORITY")?.Text, out var priority);
        var end = whole.End ?? (whole is { Start: { } start, Duration: not null } ? start.At(start.Local.AddDays(whole.Duration.Value.Days) + whole.Duration.Value.Time) : null);
        part = new AvailabilityBlock(whole.Start, end, type, priority, available);
        return true;
    }

    /// <summary>An AVAILABLE as an event, because both recur in the same way (RFC 7953 §3.1).</summary>
    private static ReadOnlyMemory<byte> AsEvent(ContentComponent root, ContentComponent available)
    {
        var text = new StringBuilder("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
        foreach (var zone in root.ComponentsNamed("VTIMEZONE")) text.Append(Encoding.UTF8.GetString(zone.Raw.Span).TrimEnd()).Append("\r\n");
        text.Append("BEGIN:VEVENT\r\n");
        foreach (var line in available.Lines) text.Append(Encoding.UTF8.GetString(line.Raw.Span).TrimEnd('\r', '\n')).Append("\r\n");
        return Encoding.UTF8.GetBytes(text.Append("END:VEVENT\r\nEND:VCALENDAR\r\n").ToString());
    }

    private static List<(DateTime From, DateTime To)> Without(IReadOnlyList<(DateTime From, DateTime To)> periods, IReadOnlyList<(DateTime From, DateTime To)> holes)
    {
        var left = new List<(DateTime From, DateTime To)>();
        foreach (var period in periods)
        {
            var at = period.From;
            foreach (var hole in holes.Where(hole => hole.To > period.From && hole.From < period.To).OrderBy(hole => hole.From))
            {
                if (hole.From > at) left.Add((at, hole.From));
                at = SaturatingDateTime.Max(at, hole.To);
            }

            if (at < period.To) left.Add((at, period.To));
        }

        return left;
    }

    private sealed record AvailabilityBlock(CalendarTime? Start, CalendarTime? End, BusyType Type, int Priority, IReadOnlyList<CalendarObject> Available)
    {
        public IReadOnlyList<(DateTime From, DateTime To)> Free(TimeRange range, CalendarTimeZone floating) =>
        [
            .. Available.SelectMany(calendar => calendar.Instances(floating, calendar.NewBudget()).Near(range.From, range.To))
                .Select(instance => (instance.StartUtc, instance.EndUtc ?? instance.StartUtc)),
        ];
    }
}

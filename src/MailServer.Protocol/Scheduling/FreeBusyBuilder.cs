using System.Buffers;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>
/// Builds the response to a free-busy-query (RFC 4791 §7.10) from any number of objects: opaque events that are not cancelled and stored
/// free-busy periods, clipped to the range and merged where they touch.
/// </summary>
public sealed class FreeBusyBuilder(TimeRange range, CalendarTimeZone floating, CalendarLimits limits)
{
    private readonly List<(DateTime From, DateTime To, BusyType Type)> _periods = [];

    /// <summary>True if the result exceeds <see cref="CalendarLimits.MaxInstances"/> (<c>number-of-matches-within-limits</c>).</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>The busy times in order. Periods of the same type do not touch.</summary>
    public IReadOnlyList<BusyPeriod> Periods => [.. Joined().Select(p => new BusyPeriod(new DateTimeOffset(p.From), new DateTimeOffset(p.To), p.Type)).OrderBy(p => p.Start)];

    /// <param name="calendar">An object from a calendar of the user.</param>
    /// <param name="attendee">The address of the user. A declined event is free; an event that is not accepted yet is tentative.</param>
    public void Add(CalendarObject calendar, EmailAddress? attendee = null)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        if (calendar.Component == "VEVENT")
            AddEvent(calendar, attendee);
        else if (calendar.Component == "VFREEBUSY")
            AddFreeBusy(calendar);
    }

    /// <summary>Adds busy times that were determined before, for the same range.</summary>
    public void Add(IReadOnlyList<BusyPeriod> periods)
    {
        ArgumentNullException.ThrowIfNull(periods);
        foreach (var period in periods) AddPeriod(period.Start.UtcDateTime, period.End.UtcDateTime, period.Type);
    }

    /// <summary>Adds the busy times of an availability (RFC 7953 §4).</summary>
    public void Add(CalendarAvailability availability)
    {
        foreach (var (from, to, type) in availability.BusyTimes(range, floating)) AddPeriod(from, to, type);
    }

    /// <summary>Writes a VCALENDAR with one VFREEBUSY. Every period has an FBTYPE, because some clients ignore periods without one.</summary>
    public void Write(IBufferWriter<byte> output, DateTimeOffset stamp)
    {
        var writer = new ContentWriter(output);
        writer.Begin("VCALENDAR");
        writer.WriteLine("VERSION:2.0");
        writer.WriteLine("PRODID:" + CalendarExport.Product);
        writer.Begin("VFREEBUSY");
        writer.WriteLine($"DTSTAMP:{ExpandedTimes.Utc(stamp.UtcDateTime)}");
        writer.WriteLine($"DTSTART:{ExpandedTimes.Utc(range.From)}");
        writer.WriteLine($"DTEND:{ExpandedTimes.Utc(range.To)}");
        foreach (var period in Periods)
            writer.WriteLine($"FREEBUSY;FBTYPE={Name(period.Type)}:{ExpandedTimes.Utc(period.Start.UtcDateTime)}/{ExpandedTimes.Utc(period.End.UtcDateTime)}");
        writer.End("VFREEBUSY");
        writer.End("VCALENDAR");
    }

    private static string Name(BusyType type) => type switch
    {
        BusyType.BusyTentative => "BUSY-TENTATIVE",
        BusyType.BusyUnavailable => "BUSY-UNAVAILABLE",
        _ => "BUSY",
    };

    private void AddEvent(CalendarObject calendar, EmailAddress? attendee)
    {
        foreach (var instance in calendar.Instances(floating, calendar.NewBudget()).Near(range.From, range.To))
        {
            var status = instance.Component.Text("STATUS")?.ToUpperInvariant();
            var answer = attendee is null ? null : SchedulingObject.Participation(instance.Component.Content, attendee);
            var transparent = answer == "DECLINED" || string.Equals(instance.Component.Text("TRANSP"), "TRANSPARENT", StringComparison.OrdinalIgnoreCase);
            if (!transparent && status != "CANCELLED")
                AddPeriod(instance.StartUtc, instance.EndUtc ?? instance.StartUtc, status == "TENTATIVE" || answer is "TENTATIVE" or "NEEDS-ACTION" ? BusyType.BusyTentative : BusyType.Busy);
        }
    }

    private void AddFreeBusy(CalendarObject calendar)
    {
        var reader = new CalendarComponentReader(calendar.Zones);
        foreach (var line in calendar.Components.SelectMany(c => c.Content.LinesNamed("FREEBUSY")))
        {
            var type = line.Parameter("FBTYPE")?.ToUpperInvariant();
            if (type == "FREE")
                continue;
            foreach (var period in reader.Periods(line))
            {
                var start = period.Start.ToUtc(floating);
                var taken = type switch { "BUSY-TENTATIVE" => BusyType.BusyTentative, "BUSY-UNAVAILABLE" => BusyType.BusyUnavailable, _ => BusyType.Busy };
                AddPeriod(start, period.EndUtc(floating) ?? start, taken);
            }
        }
    }

    private void AddPeriod(DateTime from, DateTime to, BusyType type)
    {
        from = SaturatingDateTime.Max(from, range.From);
        to = SaturatingDateTime.Min(to, range.To);
        if (from >= to)
            return;
        if (_periods.Count < limits.MaxInstances)
            _periods.Add((from, to, type));
        else
            IsTruncated = true;
    }

    private List<(DateTime From, DateTime To, BusyType Type)> Joined()
    {
        var joined = new List<(DateTime From, DateTime To, BusyType Type)>();
        foreach (var period in _periods.OrderBy(p => p.Type).ThenBy(p => p.From))
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Type == period.Type && last.To >= period.From)
                joined[^1] = last with { To = SaturatingDateTime.Max(last.To, period.To) };
            else
                joined.Add(period);
        }

        return joined;
    }
}

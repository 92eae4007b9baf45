using System.Globalization;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Reports;

/// <summary>The time properties of one expanded instance: zoned times become UTC, dates and floating times do not change (RFC 4791 §9.6.5).</summary>
internal readonly struct ExpandedTimes
{
    private readonly CalendarInstance _instance;
    private readonly CalendarTimeZone _floating;
    private readonly bool _ownEnd;

    public ExpandedTimes(CalendarInstance instance, CalendarTimeZone floating)
    {
        _instance = instance;
        _floating = floating;
        var component = instance.Component;
        var expected = instance.Start is { } start ? new InstanceDuration(component, floating).End(start, instance.StartUtc, floating) : null;
        _ownEnd = instance.EndUtc is not null && (component.End is null || component.Start is null) && expected != instance.EndUtc;
    }

    /// <summary>The end property of an instance whose RDATE sets a length of its own; null for other instances.</summary>
    public string? ExplicitEnd => _ownEnd ? Property(EndName(_instance.Component), End()) : null;

    public static bool IsRecurrenceProperty(string property) => property is "RRULE" or "RDATE" or "EXDATE" or "EXRULE" or "RECURRENCE-ID";

    public static string EndName(CalendarComponent component) => component.Name == "VTODO" ? "DUE" : "DTEND";

    /// <summary>The property with the time of this instance; null if the stored line is correct.</summary>
    public string? Replacement(ContentLine line, ITimeZoneSource zones)
    {
        var anchorName = _instance.Component.Start is null ? EndName(_instance.Component) : "DTSTART";
        if (line.Name == anchorName)
            return _instance.Start is { } start ? Property(line.Name, start) : null;
        if (line.Name == EndName(_instance.Component))
            return _instance.EndUtc is null ? null : Property(line.Name, End());
        return ZoneName.UsedBy(line) is not null && CalendarValues.TryReadTime(line, zones, out var time) && time.Form == CalendarTimeForm.Zoned ? Property(line.Name, time) : null;
    }

    /// <summary>True for the DURATION of the component if the instance has a length of its own.</summary>
    public bool Omits(ContentLine line) => _ownEnd && line.Name == "DURATION";

    public static string Property(string name, CalendarTime time) => time.Form switch
    {
        CalendarTimeForm.Date => $"{name};VALUE=DATE:{time.Local.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}",
        CalendarTimeForm.Floating => $"{name}:{time.Local.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}",
        _ => $"{name}:{Utc(time.ToUtc(CalendarTimeZone.Utc))}",
    };

    public static string Utc(DateTime time) => time.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The end in the same form (date, floating or UTC) as the start.</summary>
    private CalendarTime End()
    {
        var end = _instance.EndUtc!.Value;
        return _instance.Start!.Value.IsFloating
            ? _instance.Start.Value.At(_floating.ToLocal(end))
            : new CalendarTime(SaturatingDateTime.Local(end), CalendarTimeForm.Utc, null);
    }
}

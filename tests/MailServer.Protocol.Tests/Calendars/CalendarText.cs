using System.Text;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Calendars for tests, written with LF.</summary>
internal static class CalendarText
{
    public const string Berlin = """
        BEGIN:VTIMEZONE
        TZID:Berlin made by hand
        BEGIN:DAYLIGHT
        DTSTART:19810329T020000
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0200
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
        END:DAYLIGHT
        BEGIN:STANDARD
        DTSTART:19961027T030000
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
        END:STANDARD
        END:VTIMEZONE
        """;

    public static CalendarTimeZone Zone(string id) => CalendarTimeZone.TryFind(id, out var zone) ? zone : throw new ArgumentException(id);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    public static CalendarObject Parse(string text) =>
        CalendarObject.TryParse(Bytes(text), CalendarLimits.Default, out var calendar, out var fault) ? calendar : throw new ArgumentException(fault.Reason);

    public static CalendarFault Fault(string text)
    {
        Assert.False(CalendarObject.TryParse(Bytes(text), CalendarLimits.Default, out _, out var fault));
        return fault;
    }

    public static CalendarObject Component(string name, string lines, string more = "") => Parse($"""
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//test//EN
        {Berlin}
        BEGIN:{name}
        UID:one
        DTSTAMP:20260101T000000Z
        {lines}
        END:{name}
        {more}
        END:VCALENDAR
        """);

    public static CalendarObject Event(string lines, string more = "") => Component("VEVENT", lines, more);

    public static string Override(string lines) => $"""
        BEGIN:VEVENT
        UID:one
        DTSTAMP:20260101T000000Z
        {lines}
        END:VEVENT
        """;

    /// <summary>Both ends in the UTC form of iCalendar; an empty one is open.</summary>
    public static TimeRange Range(string start, string end) =>
        TimeRange.TryParse(start.Length > 0 ? start : null, end.Length > 0 ? end : null, out var range) ? range.Value : throw new ArgumentException(start);

    public static bool Overlaps(this CalendarObject calendar, string start, string end, string zone = "UTC") => calendar.Overlaps(Range(start, end), Zone(zone));
}

using System.Diagnostics.CodeAnalysis;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Reads the VTIMEZONE of a calendar.</summary>
public static class VTimeZoneReader
{
    /// <summary>Reads the first VTIMEZONE of a calendar.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> text, CalendarLimits limits, [NotNullWhen(true)] out CalendarTimeZone? zone)
    {
        zone = ContentComponentParser.TryRead(text, limits.Content, out var roots, out _)
            && roots[0].ComponentsNamed("VTIMEZONE").FirstOrDefault() is { } definition
            ? VTimeZone.Read(definition)
            : null;
        return zone is not null;
    }

    /// <summary>Reads a VCALENDAR that contains exactly one VTIMEZONE, the value of <c>CALDAV:calendar-timezone</c> and <c>timezone</c> (RFC 4791 §5.2.2, §9.8).</summary>
    public static bool TryParseSingle(ReadOnlyMemory<byte> text, CalendarLimits limits, [NotNullWhen(true)] out CalendarTimeZone? zone)
    {
        zone = ContentComponentParser.TryRead(text, limits.Content, out var roots, out _) && roots is [{ Components: [{ Name: "VTIMEZONE" } definition] }]
            ? VTimeZone.Read(definition)
            : null;
        return zone is not null;
    }
}

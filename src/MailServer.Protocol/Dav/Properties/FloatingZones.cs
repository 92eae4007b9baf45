using System.Text;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>The time zone of a calendar for dates and floating times (RFC 4791 §5.2.2, RFC 7809 §5.2).</summary>
public static class FloatingZones
{
    /// <summary>The zone as a text for <see cref="Read"/>; null if the calendar has none.</summary>
    public static string? TextOf(CollectionInfo calendar)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        if (calendar.Properties.TryGetValue(TimeZoneId.ToString(), out var reference) && XElement.Parse(reference).Value.Trim() is var id && CalendarTimeZone.TryFind(id, out _)) return id;
        return calendar.Properties.TryGetValue(CalendarTimeZoneName.ToString(), out var stored) ? XElement.Parse(stored).Value : null;
    }

    /// <summary>Reads the name or the definition of a zone; UTC for anything else.</summary>
    public static CalendarTimeZone Read(string? text)
    {
        if (text is null) return CalendarTimeZone.Utc;
        if (CalendarTimeZone.TryFind(text, out var named)) return named;
        return VTimeZoneReader.TryParse(Encoding.UTF8.GetBytes(text), CalendarLimits.Default, out var zone) ? zone : CalendarTimeZone.Utc;
    }
}

using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Resolves the time zones of one calendar object: first its own VTIMEZONEs, then the time zone database.</summary>
internal sealed class ObjectTimeZones : ITimeZoneSource
{
    private readonly Dictionary<string, CalendarTimeZone> _defined = new(StringComparer.Ordinal);

    public ObjectTimeZones(ContentComponent calendar)
    {
        foreach (var definition in calendar.ComponentsNamed("VTIMEZONE"))
        {
            if (ZoneName.DefinedBy(definition.Lines) is { } name && VTimeZone.Read(definition) is { } zone)
                _defined.TryAdd(name, zone);
        }
    }

    public CalendarTimeZone? Find(string name) => _defined.TryGetValue(name, out var zone) ? zone : TzdbTimeZone.Find(name);
}

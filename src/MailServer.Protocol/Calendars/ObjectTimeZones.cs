using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// Resolves the TZIDs of one calendar object: first its own VTIMEZONEs, then the time zone database.
/// TZIDs are trimmed, because Microsoft clients append blanks.
/// </summary>
internal sealed class ObjectTimeZones : ITimeZoneSource
{
    private readonly Dictionary<string, CalendarTimeZone> _defined = new(StringComparer.Ordinal);

    public ObjectTimeZones(ContentComponent calendar)
    {
        foreach (var definition in calendar.ComponentsNamed("VTIMEZONE"))
        {
            if (definition.Line("TZID") is { } id && VTimeZone.Read(definition) is { } zone)
                _defined.TryAdd(id.Text.Trim(), zone);
        }
    }

    public CalendarTimeZone? Find(string id) => _defined.TryGetValue(id.Trim(), out var zone) ? zone : TzdbTimeZone.Find(id);
}

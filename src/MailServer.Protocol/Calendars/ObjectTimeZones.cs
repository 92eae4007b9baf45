using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// The time zones of one calendar object: its own VTIMEZONE first, else the zone of that name.
/// TZIDs are compared without the blanks that Microsoft clients append.
/// </summary>
internal sealed class ObjectTimeZones : ITimeZoneSource
{
    private readonly Dictionary<string, CalendarTimeZone> _defined = new(StringComparer.Ordinal);

    public ObjectTimeZones(ContentComponent calendar)
    {
        foreach (var definition in calendar.ComponentsNamed("VTIMEZONE"))
        {
            if (definition.Line("TZID") is { } id && DefinedTimeZone.Read(definition) is { } zone)
                _defined.TryAdd(id.Text.Trim(), zone);
        }
    }

    public CalendarTimeZone? Find(string id) => _defined.TryGetValue(id.Trim(), out var zone) ? zone : NamedTimeZone.Find(id);
}

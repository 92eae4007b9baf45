using System.Collections.Frozen;
using System.Xml.Linq;
using MailServer.Protocol.Calendars.Filters;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>
/// Validates a filter (RFC 4791 §7.8, CALDAV:valid-filter): components may only be nested where iCalendar allows it, and time ranges only apply to
/// components and properties with a time. A filter that cannot match is an error of the client; an empty result would hide it. Components that iCalendar does not
/// define may be anywhere, but it is unknown when they take place (CALDAV:supported-filter).
/// </summary>
internal static class CalendarFilterValidator
{
    private static readonly FrozenDictionary<string, string[]> Inside = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase)
    {
        ["VCALENDAR"] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY", "VPOLL"],
        ["VEVENT"] = ["VALARM", "PARTICIPANT", "VLOCATION", "VRESOURCE"],
        ["VTODO"] = ["VALARM", "PARTICIPANT", "VLOCATION", "VRESOURCE"],
        ["VJOURNAL"] = ["PARTICIPANT", "VLOCATION", "VRESOURCE"],
        ["VFREEBUSY"] = ["PARTICIPANT", "VLOCATION", "VRESOURCE"],
        ["VTIMEZONE"] = ["STANDARD", "DAYLIGHT"],
        ["VAVAILABILITY"] = ["AVAILABLE"],
        ["VPOLL"] = ["VALARM", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY", "VVOTER", "PARTICIPANT"],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Known = Inside.SelectMany(static nested => nested.Value.Prepend(nested.Key)).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Timed =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM", "VAVAILABILITY", "AVAILABLE", "VPOLL");

    private static readonly FrozenSet<string> Times = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "DTSTART", "DTEND", "DUE", "DTSTAMP", "CREATED", "LAST-MODIFIED", "COMPLETED", "RECURRENCE-ID", "EXDATE", "RDATE", "FREEBUSY", "TRIGGER", "ACKNOWLEDGED");

    public static void Check(ComponentFilter root)
    {
        if (!root.IsNamed("VCALENDAR")) throw Invalid();
        CheckParts(root);
    }

    private static void CheckParts(ComponentFilter filter)
    {
        if (filter.TimeRange is not null && !IsKnown(filter.Name)) throw Unsupported(filter.Name);
        if (filter.TimeRange is not null && !Timed.Contains(filter.Name)) throw Invalid();
        if (filter.Properties.Any(p => p.TimeRange is not null && !Times.Contains(p.Name) && !IsOwn(p.Name))) throw Invalid();
        foreach (var part in filter.Components)
        {
            if (IsKnown(filter.Name) && IsKnown(part.Name) && !(Inside.TryGetValue(filter.Name, out var known) && known.Contains(part.Name, StringComparer.OrdinalIgnoreCase))) throw Invalid();
            CheckParts(part);
        }
    }

    private static bool IsKnown(string name) => Known.Contains(name);

    private static bool IsOwn(string name) => name.StartsWith("X-", StringComparison.OrdinalIgnoreCase);

    private static DavException Unsupported(string component) => new(403, $"A time range does not apply to {component}.", CalDav + "supported-filter")
    {
        Details = [new XElement(CalDav + "comp-filter", new XAttribute("name", component))],
    };

    private static DavException Invalid() => DavException.Forbidden(CalDav + "valid-filter");
}

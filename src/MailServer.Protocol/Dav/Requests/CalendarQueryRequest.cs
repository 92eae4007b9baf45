using System.Text;
using System.Xml.Linq;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Filters;
using MailServer.Protocol.Calendars.Times;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The body of a calendar-query report (RFC 4791 §9.5).</summary>
/// <param name="Properties">The requested properties of each resource.</param>
/// <param name="Filter">Selects the resources.</param>
/// <param name="TimeZone">The time zone of floating times; null to use that of the calendar.</param>
public sealed record CalendarQueryRequest(IReadOnlyList<XElement> Properties, CalendarFilter Filter, CalendarTimeZone? TimeZone)
{
    public static CalendarQueryRequest Parse(XElement root)
    {
        if (root.Element(CalDav + "filter")?.Element(CalDav + "comp-filter") is not { } filter) throw DavException.Forbidden(CalDav + "valid-filter");
        var parsed = Component(filter);
        CalendarFilterValidator.Check(parsed);
        return new CalendarQueryRequest(RequestedProperties.Named(root), new CalendarFilter(parsed), ParseTimeZone(root));
    }

    private static CalendarTimeZone? ParseTimeZone(XElement root)
    {
        if (root.Element(CalDav + "timezone")?.Value is { } text)
            return VTimeZoneReader.TryParseSingle(Encoding.UTF8.GetBytes(text), CalendarLimits.Default, out var zone) ? zone : throw DavException.Forbidden(CalDav + "valid-calendar-data");
        if (root.Element(CalDav + "timezone-id")?.Value is not { } id) return null;
        return CalendarTimeZone.TryFind(id.Trim(), out var named) ? named : throw DavException.Forbidden(CalDav + "valid-timezone");
    }

    private static ComponentFilter Component(XElement element) => new()
    {
        Name = FilterXml.NameOf(element, CalDav),
        IsNotDefined = element.Element(CalDav + "is-not-defined") is not null,
        TimeRange = Range(element),
        Properties = [.. element.Elements(CalDav + "prop-filter").Select(Property)],
        Components = [.. element.Elements(CalDav + "comp-filter").Select(Component)],
    };

    private static PropertyFilter Property(XElement element) => new()
    {
        Name = FilterXml.NameOf(element, CalDav),
        IsNotDefined = element.Element(CalDav + "is-not-defined") is not null,
        TimeRange = Range(element),
        TextMatch = element.Element(CalDav + "text-match") is { } match ? FilterXml.TextMatch(match, CalDav) : null,
        Parameters = [.. element.Elements(CalDav + "param-filter").Select(parameter => FilterXml.Parameter(parameter, CalDav))],
    };

    private static TimeRange? Range(XElement element)
    {
        if (element.Element(CalDav + "time-range") is not { } range) return null;
        return TimeRange.TryParse(range.Attribute("start")?.Value, range.Attribute("end")?.Value, out var parsed) ? parsed : throw DavException.Forbidden(CalDav + "valid-filter");
    }
}

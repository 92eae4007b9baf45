using System.Xml.Linq;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using static MailServer.Protocol.Dav.Xml.DavNames;
using WantedProperty = MailServer.Protocol.ContentLines.RequestedProperty;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>Parses the calendar-data element of a report (RFC 4791 §9.6): the whole resource, a part of it, or its instances.</summary>
public static class CalendarDataXml
{
    public static CalendarDataRequest Parse(XElement element)
    {
        if (element.Attribute("content-type") is { Value: not "text/calendar" } || element.Attribute("version") is { Value: not "2.0" })
            throw DavException.Forbidden(CalDav + "supported-calendar-data");
        return new CalendarDataRequest
        {
            // A client that only names the object means all of it: without any part it would not be valid iCalendar (RFC 5545 §3.6).
            Selection = element.Element(CalDav + "comp") is { HasElements: true } component ? Component(component) : null,
            Expand = Range(element, "expand"),
            LimitRecurrenceSet = Range(element, "limit-recurrence-set"),
            LimitFreeBusySet = Range(element, "limit-freebusy-set"),
        };
    }

    private static ComponentSelection Component(XElement element) => new()
    {
        Name = FilterXml.NameOf(element, CalDav),
        AllProperties = element.Element(CalDav + "allprop") is not null,
        Properties = [.. element.Elements(CalDav + "prop").Select(property => Property(property, CalDav))],
        AllComponents = element.Element(CalDav + "allcomp") is not null,
        Components = [.. element.Elements(CalDav + "comp").Select(Component)],
    };

    internal static WantedProperty Property(XElement element, XNamespace space) =>
        new(FilterXml.NameOf(element, space), element.Attribute("novalue")?.Value == "yes");

    private static TimeRange? Range(XElement element, string name)
    {
        if (element.Element(CalDav + name) is not { } range) return null;
        var (start, end) = (range.Attribute("start")?.Value, range.Attribute("end")?.Value);
        return start is not null && end is not null && TimeRange.TryParse(start, end, out var parsed) ? parsed : throw DavException.BadRequest($"{name} needs a start and an end in UTC");
    }
}

using System.Xml.Linq;
using MailServer.Protocol.Calendars;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>Parses the body of a free-busy-query report (RFC 4791 §9.11).</summary>
public static class FreeBusyQueryRequest
{
    public static TimeRange Parse(XElement root)
    {
        var range = root.Element(CalDav + "time-range");
        return TimeRange.TryParse(range?.Attribute("start")?.Value, range?.Attribute("end")?.Value, out var parsed)
            ? parsed.Value
            : throw DavException.BadRequest("a free-busy-query needs a time-range");
    }
}

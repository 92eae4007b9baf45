using System.Xml.Linq;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Scheduling;

/// <summary>Validates schedule-default-calendar-URL (RFC 6638 §9.2): it must name an existing calendar of the owner, for events and not shared by somebody else.</summary>
internal static class DefaultCalendarValidator
{
    /// <summary>Why the property cannot have the value that it is given; null if it can.</summary>
    public static async Task<DavException?> FindFaultAsync(DavRequest request, IEnumerable<(XName Name, XElement? Value)> updates)
    {
        if (updates.LastOrDefault(u => u.Name == SchedulingProperties.DefaultCalendar).Value is not { } value) return null;
        var member = SchedulingProperties.ReadDefaultCalendar(value.ToString(), request.Limits);
        var isCandidate = member?.Address.Equals(request.Owner) == true && (await DefaultCalendarResolver.CandidatesAsync(request)).Any(calendar => calendar.Path.Equals(member.Path));
        return isCandidate ? null : DavException.Forbidden(CalDav + "valid-schedule-default-calendar-URL");
    }
}

using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Dav;

namespace MailServer.Protocol.Scheduling;

/// <summary>Reads who shares a managed attachment through a meeting.</summary>
public static class AttachmentHolders
{
    /// <summary>The use of an attachment by an object: the attendees of the instances that have it. Null if the object does not refer to it.</summary>
    public static AttachmentUse? Of(ReadOnlyMemory<byte> body, string id)
    {
        if (!CalendarObject.TryParse(body, CalendarLimits.Default, out var calendar, out _)) return null;
        var holding = calendar.Components.Where(component => component.Content.LinesNamed("ATTACH").Any(line => AttachmentReference.Names(line, id))).ToList();
        if (holding.Count == 0) return null;
        var attendees = holding.SelectMany(component => component.Content.LinesNamed("ATTENDEE")).Select(line => CalendarUserAddress.Parse(line.Text)).OfType<EmailAddress>();
        return new AttachmentUse(calendar.Uid, [.. attendees.Distinct()]);
    }
}

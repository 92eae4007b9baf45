using System.Buffers;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Dav;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Scheduling;

/// <summary>A VFREEBUSY request that was posted to an outbox (RFC 6638 §5, RFC 5546 §3.3.2): a time range and the users to look up.</summary>
public sealed class OutboxFreeBusyRequest
{
    /// <summary>The properties that a request must have besides its times (RFC 5546 §3.3.2).</summary>
    private static readonly string[] Required = ["UID", "DTSTAMP", "ORGANIZER", "ATTENDEE"];

    private readonly ContentComponent _component;

    private OutboxFreeBusyRequest(ContentComponent component, TimeRange range, EmailAddress organizer)
    {
        _component = component;
        Range = range;
        Organizer = organizer;
        Attendees = [.. component.LinesNamed("ATTENDEE").Select(l => new RequestedAttendee(l.Text, CalendarUserAddress.Parse(l.Text))).DistinctBy(a => a.Address?.Key ?? a.Written, StringComparer.Ordinal)];
    }

    public TimeRange Range { get; }

    public EmailAddress Organizer { get; }

    public IReadOnlyList<RequestedAttendee> Attendees { get; }

    public static OutboxFreeBusyRequest Parse(ReadOnlyMemory<byte> body)
    {
        if (!ContentComponentParser.TryRead(body, CalendarLimits.Default.Content, out var roots, out var fault)) throw new DavException(403, fault!.ToString(), CalDav + "valid-calendar-data");
        if (roots is not [{ Name: "VCALENDAR" } root]) throw DavException.Forbidden(CalDav + "valid-calendar-data");
        if (!string.Equals(root.TextOf("METHOD")?.Trim(), "REQUEST", StringComparison.OrdinalIgnoreCase)
            || root.ComponentsNamed("VFREEBUSY").ToArray() is not [var component]) throw Invalid();
        if (!Required.All(name => component.LinesNamed(name).Any())) throw Invalid();
        if (!TimeRange.TryParse(component.Line("DTSTART")?.Text, component.Line("DTEND")?.Text, out var range) || range.Value.Start is null || range.Value.End is null) throw Invalid();
        var organizer = CalendarUserAddress.Parse(component.Line("ORGANIZER")?.Text) ?? throw DavException.Forbidden(CalDav + "valid-organizer");
        return new OutboxFreeBusyRequest(component, range.Value, organizer);
    }

    /// <summary>RFC 6638 §5.2.1: a message against the rules of iTIP is a bad request.</summary>
    private static DavException Invalid() => new(400, ConditionTexts.Of(CalDav + "valid-scheduling-message"), CalDav + "valid-scheduling-message");

    /// <summary>Writes the VFREEBUSY REPLY of one attendee.</summary>
    public byte[] Reply(FreeBusyBuilder busy, RequestedAttendee attendee, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(busy);
        var written = new ArrayBufferWriter<byte>();
        busy.Write(written, now);
        if (!ContentComponentParser.TryRead(written.WrittenMemory, CalendarLimits.Default.Content, out var roots, out _)) return [];
        var root = EditableComponent.Of(roots[0]);
        root.Add("METHOD:REPLY");
        var answer = root.Components[0];
        if (_component.Line("UID") is { } uid) answer.Lines.Add(uid);
        if (_component.Line("ORGANIZER") is { } organizer) answer.Lines.Add(organizer);
        answer.Lines.Add(_component.LinesNamed("ATTENDEE").First(l => string.Equals(l.Text, attendee.Written, StringComparison.OrdinalIgnoreCase)));
        return root.ToBytes();
    }

    /// <param name="Written">The calendar user address as the client wrote it.</param>
    /// <param name="Address">The email address; null if the address has none.</param>
    public sealed record RequestedAttendee(string Written, EmailAddress? Address);
}

using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>A calendar object with an organizer and attendees (RFC 6638 §3.1).</summary>
public sealed class SchedulingObject
{
    private SchedulingObject(CalendarObject calendar, EmailAddress organizer, ContentLine organizerLine)
    {
        Calendar = calendar;
        Organizer = organizer;
        OrganizerLine = organizerLine;
        Attendees = calendar.Components.SelectMany(c => c.Content.LinesNamed("ATTENDEE")).Select(l => CalendarUserAddress.Parse(l.Text)).OfType<EmailAddress>().ToHashSet();
        Excluded = Master is { } main ? InstanceId.Excluded(main, calendar.Zones).DistinctBy(i => i.Key).ToDictionary(i => i.Key, StringComparer.Ordinal) : [];
    }

    public CalendarObject Calendar { get; }

    public EmailAddress Organizer { get; }

    /// <summary>The attendees of all instances.</summary>
    public IReadOnlySet<EmailAddress> Attendees { get; }

    internal ContentLine OrganizerLine { get; }

    /// <summary>The master component, which has no RECURRENCE-ID.</summary>
    internal CalendarComponent? Master => Calendar.Master;

    internal IReadOnlyDictionary<string, InstanceId> Excluded { get; }

    /// <summary>Parses a scheduling object; null if it has no organizer or no attendees.</summary>
    public static SchedulingObject? Parse(ReadOnlyMemory<byte> text) =>
        CalendarObject.TryParse(text, CalendarLimits.Default, out var calendar, out _) ? Of(calendar) : null;

    public static SchedulingObject? Of(CalendarObject calendar)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        var line = calendar.Components.Select(c => c.Content.Line("ORGANIZER")).FirstOrDefault(l => l is not null);
        if (line is null || CalendarUserAddress.Parse(line.Text) is not { } organizer) return null;
        var found = new SchedulingObject(calendar, organizer, line);
        return found.Attendees.Count > 0 ? found : null;
    }

    /// <summary>
    /// True if all components with an organizer have the same (RFC 6638 §3.2.4.2). One without has no attendees either: others may be invited to a single
    /// instance of an entry that is not a meeting.
    /// </summary>
    public bool HasSameOrganizer => Calendar.Components.All(c => c.Content.Line("ORGANIZER") is { } line
        ? Organizer.Equals(CalendarUserAddress.Parse(line.Text))
        : !c.Content.LinesNamed("ATTENDEE").Any());

    /// <summary>True if the server sends the replies to the organizer (SCHEDULE-AGENT of ORGANIZER, RFC 6638 §7.1).</summary>
    public bool ServerRepliesToOrganizer => IsServerScheduled(OrganizerLine);

    internal static bool IsServerScheduled(ContentLine line) => line.Parameter("SCHEDULE-AGENT")?.ToUpperInvariant() is null or "" or "SERVER";

    internal CalendarComponent? Find(string key) => Calendar.Components.FirstOrDefault(c => InstanceId.KeyOf(c) == key);

    internal static ContentLine? AttendeeLine(ContentComponent component, EmailAddress attendee) =>
        component.LinesNamed("ATTENDEE").FirstOrDefault(l => attendee.Equals(CalendarUserAddress.Parse(l.Text)));

    /// <summary>The participation status of the attendee; null if they are not an attendee.</summary>
    internal static string? Participation(ContentComponent component, EmailAddress attendee) =>
        AttendeeLine(component, attendee) is { } line ? Participation(line) : null;

    internal static string Participation(ContentLine attendee) => attendee.Parameter("PARTSTAT")?.ToUpperInvariant() is { Length: > 0 } status ? status : "NEEDS-ACTION";

    /// <summary>Finds the first attendee for whom <paramref name="isMine"/> is true.</summary>
    public bool TryFindAttendee(Func<EmailAddress, bool> isMine, [NotNullWhen(true)] out EmailAddress? attendee) =>
        (attendee = Attendees.FirstOrDefault(isMine)) is not null;
}

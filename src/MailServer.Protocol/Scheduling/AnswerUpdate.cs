using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>Recognizes updates that only tell an attendee how others answered. They leave the schedule tag of the copy as it is (RFC 6638 §3.2.10).</summary>
public static class AnswerUpdate
{
    /// <summary>True if the objects differ at most in the participation of attendees and in bookkeeping.</summary>
    public static bool Is(CalendarObject before, CalendarObject after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return LinesOf(before).SequenceEqual(LinesOf(after), StringComparer.Ordinal);
    }

    private static IEnumerable<string> LinesOf(CalendarObject calendar) =>
        calendar.Components.Select(static c => string.Join('\n', c.Content.Lines.Select(Show).Where(static line => line.Length > 0).Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal);

    private static string Show(ContentLine line)
    {
        if (line.Name is "DTSTAMP" or "CREATED" or "LAST-MODIFIED") return "";
        var parameters = line.Parameters.Where(p => line.Name is not ("ATTENDEE" or "ORGANIZER") || p.Name is not ("PARTSTAT" or "RSVP" or "SCHEDULE-STATUS"));
        return $"{line.Name};{string.Join(';', parameters.Select(static p => $"{p.Name}={string.Join(',', p.Values)}").Order(StringComparer.Ordinal))}:{line.Text}";
    }
}

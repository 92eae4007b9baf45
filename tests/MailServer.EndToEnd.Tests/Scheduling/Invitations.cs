namespace MailServer.EndToEnd.Tests.Scheduling;

/// <summary>Calendar objects with an organizer and attendees.</summary>
internal static class Invitations
{
    public const string Times = "DTSTART:20261201T090000Z\nDTEND:20261201T100000Z";
    public const string Weekly = Times + "\nRRULE:FREQ=WEEKLY;COUNT=5";

    public static string NewUid() => Guid.NewGuid().ToString("N");

    public static string Object(params string[] components) =>
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n" + string.Concat(components) + "END:VCALENDAR\n";

    public static string Event(string uid, string lines, string organizer, params string[] attendees) =>
        $"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261101T000000Z\n{lines}\nORGANIZER;CN=Organizer:mailto:{organizer}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}\n"
        + string.Concat(attendees.Select(a => $"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{a}\n")) + "END:VEVENT\n";

    public static string Meeting(string uid, string organizer, params string[] attendees) => Object(Event(uid, Times + "\nSUMMARY:Meeting", organizer, attendees));
}

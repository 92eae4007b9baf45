using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Scheduling;
using static MailServer.Protocol.Tests.Scheduling.MeetingSamples;

namespace MailServer.Protocol.Tests.Scheduling;

/// <summary>Every iTIP method, from every possible sender, to both kinds of recipient: applied or not, depending on the stored object.</summary>
public sealed class SchedulingPermissionTests
{
    /// <summary>A: applied. S: the event is sent again. -: no effect.</summary>
    private const string Table = """
        recipient target   method         Organizer Attendee Delegate Pretender Removed Stranger AgentOfOrganizer AgentOfAttendee OfOneInstance
        organizer whole    PUBLISH        -         -        -        -         -       -        -                -               -
        organizer whole    REQUEST        -         -        -        -         -       -        -                -               -
        organizer whole    REPLY          -         A        A        -         -       -        -                -               -
        organizer whole    ADD            -         -        -        -         -       -        -                -               -
        organizer whole    CANCEL         -         -        -        -         -       -        -                -               -
        organizer whole    REFRESH        -         S        -        -         -       -        -                -               S
        organizer whole    COUNTER        -         -        -        -         -       -        -                -               -
        organizer whole    DECLINECOUNTER -         -        -        -         -       -        -                -               -
        organizer instance PUBLISH        -         -        -        -         -       -        -                -               -
        organizer instance REQUEST        -         -        -        -         -       -        -                -               -
        organizer instance REPLY          -         A        A        -         -       -        -                -               A
        organizer instance ADD            -         -        -        -         -       -        -                -               -
        organizer instance CANCEL         -         -        -        -         -       -        -                -               -
        organizer instance REFRESH        -         S        -        -         -       -        -                -               S
        organizer instance COUNTER        -         -        -        -         -       -        -                -               -
        organizer instance DECLINECOUNTER -         -        -        -         -       -        -                -               -
        attendee  whole    PUBLISH        -         -        -        -         -       -        -                -               -
        attendee  whole    REQUEST        A         -        -        -         -       -        -                -               -
        attendee  whole    REPLY          -         -        -        -         -       -        -                -               -
        attendee  whole    ADD            A         -        -        -         -       -        -                -               -
        attendee  whole    CANCEL         A         -        -        -         -       -        -                -               -
        attendee  whole    REFRESH        -         -        -        -         -       -        -                -               -
        attendee  whole    COUNTER        -         -        -        -         -       -        -                -               -
        attendee  whole    DECLINECOUNTER -         -        -        -         -       -        -                -               -
        attendee  instance PUBLISH        -         -        -        -         -       -        -                -               -
        attendee  instance REQUEST        A         -        -        -         -       -        -                -               -
        attendee  instance REPLY          -         -        -        -         -       -        -                -               -
        attendee  instance ADD            A         -        -        -         -       -        -                -               -
        attendee  instance CANCEL         A         -        -        -         -       -        -                -               -
        attendee  instance REFRESH        -         -        -        -         -       -        -                -               -
        attendee  instance COUNTER        -         -        -        -         -       -        -                -               -
        attendee  instance DECLINECOUNTER -         -        -        -         -       -        -                -               -
        """;

    private static readonly string[] Recipients = ["organizer", "attendee"];
    private static readonly string[] Targets = ["whole", "instance"];
    private static readonly string[] Methods = ["PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"];
    private static readonly string[] Scheduled = ["VEVENT", "VTODO"];
    private static readonly string[] Others = ["VJOURNAL", "VFREEBUSY"];
    private static readonly string[][] Rows = [.. Table.Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>The sender of the message, relative to the stored object.</summary>
    private enum Role
    {
        Organizer,
        Attendee,

        /// <summary>A delegate of an attendee, according to the stored object.</summary>
        Delegate,

        /// <summary>Someone who claims to be a delegate of an attendee who did not delegate.</summary>
        Pretender,
        Removed,
        Stranger,

        /// <summary>SENT-BY of the organizer, stored and in the message.</summary>
        AgentOfOrganizer,
        AgentOfAttendee,

        /// <summary>An attendee of one instance only.</summary>
        OfOneInstance,
    }

    public static TheoryData<string, string, string, string> Cells
    {
        get
        {
            var cells = new TheoryData<string, string, string, string>();
            foreach (var recipient in Recipients)
            {
                foreach (var target in Targets)
                {
                    foreach (var method in Methods)
                    {
                        foreach (var component in Scheduled.Concat(Others)) cells.Add(recipient, target, method, component);
                    }
                }
            }

            return cells;
        }
    }

    [Fact]
    public void The_table_covers_each_method_and_each_role()
    {
        Assert.Empty(Enum.GetNames<ItipMethod>().Select(static m => m.ToUpperInvariant()).Except(Methods));
        Assert.Equal(Enum.GetNames<Role>(), Rows[0][3..]);
        Assert.Equal(Recipients.Length * Targets.Length * Methods.Length, Rows.Length - 1);
        Assert.All(Rows, static row => Assert.Equal(3 + Enum.GetValues<Role>().Length, row.Length));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_message_has_exactly_the_effect_that_the_role_of_its_sender_allows(string recipient, string target, string method, string component)
    {
        var row = Rows.Single(r => r[0] == recipient && r[1] == target && r[2] == method);
        foreach (var role in Enum.GetValues<Role>())
        {
            var expected = Scheduled.Contains(component) ? row[3 + (int)role][0] : '-';
            Assert.Equal((role, expected), (role, Outcome(recipient, target, method, component, role, "alice@a.test")));
            // The same for an event that the sender claims to organize.
            if (role != Role.Organizer) Assert.Equal((role, '-'), (role, Outcome(recipient, target, method, component, role, AddressOf(role).ToString())));
        }
    }

    private static char Outcome(string recipient, string target, string method, string component, Role role, string organizer)
    {
        var stored = SchedulingObject.Parse(StoredIn(Scheduled.Contains(component) ? component : "VEVENT"))!;
        if (!ReceivedItipMessage.TryParse(Message(target, method, component, role, organizer), out var message)) return '-';
        EmailAddress me = recipient == "organizer" ? Alice : EmailAddress.Parse("gina@g.test");
        switch (ItipProcessor.Apply(message, AddressOf(role), stored, null, me.Equals))
        {
            case ItipOutcome.Changed changed:
                CheckUntouched(stored, changed.Text, method, AddressOf(role));
                return 'A';
            case ItipOutcome.RefreshRequested asked:
                Assert.Equal(AddressOf(role), asked.Attendee);
                return 'S';
            default:
                return '-';
        }
    }

    /// <summary>A reply changes only the line of its sender; no message adds alarms or scheduling parameters.</summary>
    private static void CheckUntouched(SchedulingObject stored, byte[] changed, string method, EmailAddress sender)
    {
        var text = Show(changed);
        Assert.DoesNotContain("VALARM", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SCHEDULE-AGENT", text, StringComparison.Ordinal);
        if (method != "REPLY") return;
        Assert.DoesNotContain("Evil", text, StringComparison.Ordinal);
        var before = Show(stored.Calendar.Text).Split('\n').Where(l => !l.EndsWith($":mailto:{sender}", StringComparison.Ordinal));
        Assert.Equal(before, text.Split('\n').Where(l => !l.EndsWith($":mailto:{sender}", StringComparison.Ordinal)));
    }

    private static EmailAddress AddressOf(Role role) => EmailAddress.Parse(role switch
    {
        Role.Organizer => "alice@a.test",
        Role.Attendee => "bob@b.test",
        _ => $"{role}@x.test",
    });

    private static byte[] StoredIn(string component)
    {
        var people = $"""
            ORGANIZER;SENT-BY="mailto:{AddressOf(Role.AgentOfOrganizer)}":mailto:alice@a.test
            ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@a.test
            ATTENDEE;CN=Bob;ROLE=OPT-PARTICIPANT;SENT-BY="mailto:{AddressOf(Role.AgentOfAttendee)}":mailto:bob@b.test
            ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:{AddressOf(Role.Delegate)}":mailto:dave@d.test
            ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:gina@g.test
            """;
        return Calendar("", component, $"""
            SUMMARY:Series
            {Times}
            RRULE:FREQ=WEEKLY;COUNT=5
            {people}
            """, $"""
            RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000
            SUMMARY:One
            DTSTART;TZID=Europe/Berlin:20261208T120000
            {people}
            ATTENDEE:mailto:{AddressOf(Role.OfOneInstance)}
            """);
    }

    /// <summary>A message newer than the stored object, with every property that the sender must not set.</summary>
    private static byte[] Message(string target, string method, string component, Role role, string organizer)
    {
        var sender = AddressOf(role);
        var claims = role switch
        {
            Role.Delegate => ";DELEGATED-FROM=\"mailto:dave@d.test\"",
            Role.Pretender => ";DELEGATED-FROM=\"mailto:bob@b.test\"",
            _ => "",
        };
        var attendees = method is "REPLY" or "REFRESH" or "COUNTER"
            ? role == Role.AgentOfAttendee ? $"ATTENDEE;PARTSTAT=DECLINED;SENT-BY=\"mailto:{sender}\":mailto:bob@b.test" : $"ATTENDEE;CN=Evil;ROLE=CHAIR;PARTSTAT=ACCEPTED;SCHEDULE-AGENT=NONE{claims}:mailto:{sender}"
            : "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:gina@g.test";
        var sentBy = role == Role.AgentOfOrganizer ? $";SENT-BY=\"mailto:{sender}\"" : "";
        var instance = target == "instance" ? "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000\n" : "";
        var start = method == "ADD" ? "20270105T100000" : "20261201T110000";
        return Calendar($"METHOD:{method}\n", component, $"""
            {instance}SEQUENCE:3
            SUMMARY:Evil
            DTSTART;TZID=Europe/Berlin:{start}
            ORGANIZER;SCHEDULE-AGENT=NONE{sentBy}:mailto:{organizer}
            {attendees}
            BEGIN:VALARM
            ACTION:DISPLAY
            DESCRIPTION:Evil
            TRIGGER:-PT5M
            END:VALARM
            """);
    }

    private static byte[] Calendar(string method, string component, params string[] contents) => Encoding.UTF8.GetBytes($"""
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//test//EN
        {method}{string.Join('\n', contents.Select(c => $"BEGIN:{component}\nUID:one\nDTSTAMP:{(method.Length > 0 ? "20261101T000000Z" : "20261001T000000Z")}\n{c}\nEND:{component}"))}
        END:VCALENDAR

        """.ReplaceLineEndings("\r\n"));
}

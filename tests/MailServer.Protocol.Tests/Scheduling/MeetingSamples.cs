using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Scheduling;

namespace MailServer.Protocol.Tests.Scheduling;

/// <summary>Meetings of Alice with Bob and Carol, and helpers to parse messages.</summary>
internal static class MeetingSamples
{
    public static readonly EmailAddress Alice = EmailAddress.Parse("alice@a.test");
    public static readonly EmailAddress Bob = EmailAddress.Parse("bob@b.test");
    public static readonly EmailAddress Carol = EmailAddress.Parse("carol@c.test");
    public static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public const string Times = "DTSTART;TZID=Europe/Berlin:20261201T100000\nDTEND;TZID=Europe/Berlin:20261201T110000";
    public const string Weekly = Times + "\nRRULE:FREQ=WEEKLY;COUNT=5";

    public static string Attendee(string name, string partstat = "NEEDS-ACTION", string more = "") => $"ATTENDEE;CN={name};PARTSTAT={partstat}{more}:mailto:{name}@{name[0]}.test";

    public static string People(string bob = "NEEDS-ACTION", bool carol = false, string bobMore = "") =>
        $"ORGANIZER;CN=Alice:mailto:alice@a.test\n{Attendee("alice", "ACCEPTED")}\n{Attendee("bob", bob, bobMore)}" + (carol ? "\n" + Attendee("carol") : "");

    public static string Component(string lines, int sequence = 0) => $"""
        BEGIN:VEVENT
        UID:one
        DTSTAMP:20261001T000000Z
        SEQUENCE:{sequence}
        {lines}
        END:VEVENT
        """;

    public static byte[] Text(params string[] components) => Encoding.UTF8.GetBytes($"""
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//test//EN
        {string.Join('\n', components)}
        END:VCALENDAR

        """.ReplaceLineEndings("\r\n"));

    public static SchedulingObject Of(params string[] components) => SchedulingObject.Parse(Text(components)) ?? throw new ArgumentException("no meeting");

    public static string Show(ReadOnlyMemory<byte> text) => Encoding.UTF8.GetString(text.Span).Replace("\r\n ", "", StringComparison.Ordinal).ReplaceLineEndings("\n");

    public static ReceivedItipMessage Received(ItipMessage message) => ReceivedItipMessage.TryParse(message.Body, out var read) ? read : throw new ArgumentException(Show(message.Body));

    public static ReceivedItipMessage Received(string method, params string[] components) =>
        ReceivedItipMessage.TryParse(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Text(components)).Replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:" + method, StringComparison.Ordinal)), out var read)
            ? read
            : throw new ArgumentException("no message");

    /// <summary>Returns the object to be stored after a message; fails when nothing changes.</summary>
    public static string Changed(ItipOutcome incoming) => Show(Assert.IsType<ItipOutcome.Changed>(incoming).Text);

    public static SchedulingObject Stored(ItipOutcome incoming) => SchedulingObject.Parse(Assert.IsType<ItipOutcome.Changed>(incoming).Text)!;

    public static ItipOutcome ToBob(ReceivedItipMessage message, SchedulingObject? stored, ItipRevision? known = null) => AttendeeItipProcessor.Apply(message, stored, known, Bob.Equals);

    public static ItipOutcome ToAlice(ReceivedItipMessage message, SchedulingObject? stored) => OrganizerItipProcessor.Apply(message, message.Attendees[0], stored, Alice.Equals);

    public static SchedulingPlan Change(SchedulingObject? old, SchedulingObject? changed, bool keepsAnswers = false) => OrganizerChangePlanner.Plan(old, changed, keepsAnswers, Now);
}

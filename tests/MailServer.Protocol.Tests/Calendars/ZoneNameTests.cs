using System.Buffers;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Filters;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.Dav.Import;
using MailServer.Protocol.Scheduling;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>
/// A name of a time zone is the same in each way of writing it, wherever names are compared. The zone has an offset that no other rule gives, so a name
/// that is not recognised shows as a wrong time or a missing definition.
/// </summary>
public sealed class ZoneNameTests
{
    private static readonly EmailAddress Guest = EmailAddress.Parse("ben@b.test");
    private static readonly DateTimeOffset Start = new(2026, 6, 3, 4, 15, 0, TimeSpan.Zero);

    private static readonly string[] Definitions =
    [
        @"(UTC+05:45) Kathmandu\, Pokhara\; hills", "(UTC+05:45) Kathmandu, Pokhara; hills", "\"(UTC+05:45) Kathmandu, Pokhara; hills\"", @"(UTC+05:45) Kathmandu\, Pokhara\; hills  ",
    ];

    private static readonly string[] References =
    [
        "TZID=\"(UTC+05:45) Kathmandu, Pokhara; hills\"", "TZID=\"(UTC+05:45) Kathmandu\\, Pokhara\\; hills\"", "TZID=\"(UTC+05:45) Kathmandu, Pokhara; hills  \"",
        "tzid=\"(UTC+05:45) Kathmandu, Pokhara; hills\"", "X-A=b;TZID=\"(UTC+05:45) Kathmandu, Pokhara; hills\";X-C=\"d:e\"",
    ];

    /// <summary>Everything that compares names of time zones, as a check of an event with a definition and references.</summary>
    private static readonly Dictionary<string, Action<string, string>> Places = new(StringComparer.Ordinal)
    {
        ["time range"] = static (definition, reference) =>
        {
            var calendar = CalendarText.Parse(Event(definition, reference));
            Assert.True(calendar.Overlaps("20260603T041500Z", "20260603T041600Z"));
            Assert.False(calendar.Overlaps("20260603T100000Z", "20260603T110000Z"));
        },
        ["property range"] = static (definition, reference) =>
        {
            var property = new PropertyFilter { Name = "DTSTART", TimeRange = CalendarText.Range("20260603T041500Z", "20260603T041600Z") };
            var filter = new CalendarFilter(new ComponentFilter { Name = "VCALENDAR", Components = [new ComponentFilter { Name = "VEVENT", Properties = [property] }] });
            Assert.True(filter.Matches(CalendarText.Parse(Event(definition, reference)), CalendarTimeZone.Utc));
        },
        ["index"] = static (definition, reference) => Assert.Equal(Start.ToUnixTimeSeconds(), CalendarText.Parse(Event(definition, reference)).IndexedInstances![0].Start),
        ["expand"] = static (definition, reference) =>
        {
            var output = new ArrayBufferWriter<byte>();
            new CalendarDataRequest { Expand = CalendarText.Range("20260601T000000Z", "20260701T000000Z") }.Write(CalendarText.Parse(Event(definition, reference)), CalendarTimeZone.Utc, output);
            Assert.Contains("DTSTART:20260603T041500Z", Text(output.WrittenSpan), StringComparison.Ordinal);
        },
        ["free-busy"] = static (definition, reference) =>
        {
            var busy = new FreeBusyBuilder(CalendarText.Range("20260601T000000Z", "20260701T000000Z"), CalendarTimeZone.Utc, CalendarLimits.Default);
            busy.Add(CalendarText.Parse(Event(definition, reference)));
            Assert.Equal(Start, Assert.Single(busy.Periods).Start);
        },
        ["availability"] = static (definition, reference) =>
        {
            var text = Calendar(definition, $"BEGIN:VAVAILABILITY\nUID:a\nDTSTAMP:20260101T000000Z\nBEGIN:AVAILABLE\nUID:b\nDTSTAMP:20260101T000000Z\n{Times(reference)}\nEND:AVAILABLE\nEND:VAVAILABILITY");
            Assert.True(CalendarAvailability.TryParse(CalendarText.Bytes(text), CalendarLimits.Default, out var availability));
            Assert.Equal(Start.UtcDateTime, availability.BusyTimes(CalendarText.Range("20260603T000000Z", "20260604T000000Z"), CalendarTimeZone.Utc).First().To);
            HasZones(1, Assert.Single(Split(text)));
        },
        ["export"] = static (definition, reference) =>
        {
            var output = new ArrayBufferWriter<byte>();
            var export = new CalendarExport(output, null);
            export.Add(CalendarText.Parse(Event(definition, reference)));
            export.Add(CalendarText.Parse(Event(Definitions[0], References[0])));
            export.End();
            HasZones(1, Text(output.WrittenSpan));
        },
        ["import"] = static (definition, reference) => HasZones(1, Assert.Single(Split(Event(definition, reference)))),
        ["invitation"] = static (definition, reference) =>
        {
            var message = Assert.Single(OrganizerChangePlanner.Plan(null, Meeting(definition, reference), keepsAnswers: false, Start).Messages);
            HasZones(1, Text(message.Body.Span));
            Assert.True(ReceivedItipMessage.TryParse(message.Body, out var received));
            Assert.True(received.Calendar.Overlaps("20260603T041500Z", "20260603T041600Z"));
            Assert.Contains("((UTC+05:45) Kathmandu, Pokhara; hills)", InvitationText.Body(received, "Ann", null), StringComparison.Ordinal);
        },
        ["changed instance"] = static (definition, reference) =>
        {
            var stored = Meeting(definition, reference, "RRULE:FREQ=DAILY;COUNT=3");
            var changed = Calendar(Definitions[0], Component(References[0], "SEQUENCE:1", $"RECURRENCE-ID;{References[0]}:20260604T100000", People));
            Assert.True(ReceivedItipMessage.TryParse(CalendarText.Bytes(changed.Replace("VERSION:2.0", "VERSION:2.0\nMETHOD:REQUEST", StringComparison.Ordinal)), out var message));
            var outcome = Assert.IsType<ItipOutcome.Changed>(AttendeeItipProcessor.Apply(message, stored, null, Guest.Equals));
            HasZones(1, Text(outcome.Text));
        },
        ["cancelled instance"] = static (definition, reference) =>
        {
            var stored = SchedulingObject.Parse(CalendarText.Bytes(Calendar(null, Component(null, "RRULE:FREQ=DAILY;COUNT=3", People))))!;
            var gone = Calendar(definition, Component(reference, "SEQUENCE:1", $"RECURRENCE-ID;{reference}:20260604T100000", People));
            Assert.True(ReceivedItipMessage.TryParse(CalendarText.Bytes(gone.Replace("VERSION:2.0", "VERSION:2.0\nMETHOD:CANCEL", StringComparison.Ordinal)), out var message));
            var kept = CalendarText.Parse(Text(Assert.IsType<ItipOutcome.Changed>(AttendeeItipProcessor.Apply(message, stored, null, Guest.Equals)).Text));
            HasZones(1, Text(kept.Text.Span));
            Assert.False(kept.Overlaps("20260604T041500Z", "20260604T041600Z"));
            Assert.True(kept.Overlaps("20260605T041500Z", "20260605T041600Z"));
        },
        ["definitions added"] = static (definition, reference) => HasZones(1, Text(StandardTimeZones.AddDefinitions(CalendarText.Bytes(Event(definition, reference))).Span)),
        ["definitions removed"] = static (definition, reference) => HasZones(1, Text(StandardTimeZones.RemoveDefinitions(CalendarText.Bytes(Event(definition, reference))).Span)),
    };

    public static TheoryData<string, string, string> Forms()
    {
        var forms = new TheoryData<string, string, string>();
        foreach (var place in Places.Keys)
            foreach (var definition in Definitions)
                foreach (var reference in References) forms.Add(place, definition, reference);
        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_name_is_the_same_in_every_form_at_every_place(string place, string definition, string reference) => Places[place](definition, reference);

    [Theory]
    [InlineData("DTSTART;TZID=GMT+05:30:20260603T100000", "20260603T043000Z")]
    [InlineData("DTSTART;TZID=\"GMT-03:00\":20260603T100000", "20260603T130000Z")]
    [InlineData("DTSTART;TZID=UTC+5:45;VALUE=DATE-TIME:20260603T100000", "20260603T041500Z")]
    [InlineData("DTSTART;TZID=Etc/GMT+5:20260603T100000", "20260603T150000Z")]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260603T100000", "20260603T080000Z")]
    public void A_name_that_needs_quotes_and_has_none_is_read(string start, string utc)
    {
        var calendar = CalendarText.Parse($"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n{start}\nDURATION:PT1M\nEND:VEVENT\nEND:VCALENDAR");
        Assert.True(calendar.Overlaps(utc, utc[..^2] + "1Z"), start);
    }

    [Fact]
    public void A_name_with_commas_and_a_clock_needs_no_quotes()
    {
        var calendar = CalendarText.Parse(Calendar(Definitions[0].Replace("\\;", "", StringComparison.Ordinal), Component("TZID=(UTC+05:45) Kathmandu, Pokhara hills")));
        Assert.True(calendar.Overlaps("20260603T041500Z", "20260603T041600Z"));
    }

    [Fact]
    public void Only_names_of_the_tz_database_are_omitted_for_clients_that_have_it()
    {
        var text = Event("W. Europe Standard Time", "TZID=W. Europe Standard Time");
        HasZones(1, Text(StandardTimeZones.RemoveDefinitions(CalendarText.Bytes(text)).Span));
        HasZones(0, Text(StandardTimeZones.RemoveDefinitions(CalendarText.Bytes(text.Replace("W. Europe Standard Time", "Asia/Kathmandu", StringComparison.Ordinal))).Span));
    }

    private const string People = "ORGANIZER:mailto:ann@a.test\nATTENDEE:mailto:ann@a.test\nATTENDEE:mailto:ben@b.test";

    private static string Event(string definition, string reference) => Calendar(definition, Component(reference));

    private static string Times(string? reference) => reference is null
        ? "DTSTART:20260603T041500Z\nDTEND:20260603T044500Z"
        : $"DTSTART;{reference}:20260603T100000\nDTEND;{reference}:20260603T103000";

    private static string Component(string? reference, params string[] more) =>
        $"BEGIN:VEVENT\nUID:one\nDTSTAMP:20260101T000000Z\n{Times(reference)}\nSUMMARY:x\n{string.Join('\n', more)}\nEND:VEVENT";

    private static string Calendar(string? definition, string component)
    {
        var zone = definition is null ? "" : $"BEGIN:VTIMEZONE\nTZID:{definition}\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0545\nTZOFFSETTO:+0545\nEND:STANDARD\nEND:VTIMEZONE\n";
        return $"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{zone}{component}\nEND:VCALENDAR\n";
    }

    private static SchedulingObject Meeting(string definition, string reference, string more = "X-A:b") =>
        SchedulingObject.Parse(CalendarText.Bytes(Calendar(definition, Component(reference, more, People))))!;

    private static List<string> Split(string text) => [.. ImportFile.Read(CalendarText.Bytes(text)).Select(entry => Text(entry.Text.Span))];

    private static void HasZones(int expected, string text) => Assert.Equal(expected, text.Split("BEGIN:VTIMEZONE").Length - 1);

    private static string Text(ReadOnlySpan<byte> octets) => Encoding.UTF8.GetString(octets);
}

using System.Text;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Requests;

namespace MailServer.Protocol.Tests.Calendars;

public sealed class AvailabilityTests
{
    private static readonly TimeRange Monday = Range("20270104T000000Z", "20270105T000000Z");

    [Fact]
    public void Times_outside_office_hours_are_busy()
    {
        var taken = Taken("BEGIN:VAVAILABILITY\nUID:a\nDTSTAMP:20261101T000000Z\n" + Office("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\n") + "END:VAVAILABILITY\n");
        Assert.Equal(["00:00-09:00 BusyUnavailable", "17:00-24:00 BusyUnavailable"], taken);
    }

    [Fact]
    public void An_availability_of_higher_priority_applies_within_its_range()
    {
        var holiday = "BEGIN:VAVAILABILITY\nUID:b\nDTSTAMP:20261101T000000Z\nDTSTART:20270104T120000Z\nDTEND:20270105T000000Z\nPRIORITY:1\nBUSYTYPE:BUSY\nEND:VAVAILABILITY\n";
        var taken = Taken("BEGIN:VAVAILABILITY\nUID:a\nDTSTAMP:20261101T000000Z\n" + Office("RRULE:FREQ=DAILY\n") + "END:VAVAILABILITY\n" + holiday);
        Assert.Equal(["00:00-09:00 BusyUnavailable", "12:00-24:00 Busy"], taken.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("COUNT=10001", "max-instances")]
    [InlineData("COUNT=1000000000", "max-instances")]
    [InlineData("COUNT=10000", null)]
    [InlineData("UNTIL=20990101T000000Z", null)]
    public void A_recurrence_count_must_not_exceed_the_announced_maximum(string rule, string? condition) => Check($"DTSTART:20270104T100000Z\r\nRRULE:FREQ=DAILY;{rule}\r\n", condition);

    [Theory]
    [InlineData("DTSTART:15000104T100000Z\r\n", "min-date-time")]
    [InlineData("DTSTART:99990104T100000Z\r\n", "max-date-time")]
    [InlineData("DTSTART;VALUE=DATE:16040104\r\n", null)]
    public void Dates_must_lie_within_the_announced_range(string start, string? condition) => Check(start, condition);

    [Theory]
    [InlineData("VTODO")]
    [InlineData("VJOURNAL")]
    public void A_task_or_journal_entry_without_dates_is_within_the_range(string component)
    {
        var text = Encoding.UTF8.GetBytes($"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:{component}\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\nEND:{component}\r\nEND:VCALENDAR\r\n");
        Assert.Equal("a", NewResourceReader.Read(CollectionSpace.Calendars, text, null).Uid);
    }

    [Fact]
    public void Standard_time_zone_definitions_are_omitted_for_clients_that_know_them()
    {
        const string zone = "BEGIN:VTIMEZONE\r\nTZID:{0}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
        var text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + zone.Replace("{0}", "Europe/Berlin", StringComparison.Ordinal) + zone.Replace("{0}", "Ours", StringComparison.Ordinal)
            + "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20270104T100000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        var left = Encoding.UTF8.GetString(StandardTimeZones.RemoveDefinitions(Encoding.UTF8.GetBytes(text)).Span);
        Assert.DoesNotContain("TZID:Europe/Berlin", left, StringComparison.Ordinal);
        Assert.Contains("TZID:Ours", left, StringComparison.Ordinal);
        Assert.Contains("DTSTART;TZID=Europe/Berlin", left, StringComparison.Ordinal);
    }

    private static void Check(string lines, string? condition)
    {
        var text = Encoding.UTF8.GetBytes($"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n");
        var refused = Record.Exception(() => NewResourceReader.Read(CollectionSpace.Calendars, text, null)) as DavException;
        Assert.Equal(condition, refused?.Condition?.LocalName);
    }

    private static string Office(string rule) => "BEGIN:AVAILABLE\nUID:x\nDTSTAMP:20261101T000000Z\nDTSTART:20260105T090000Z\nDTEND:20260105T170000Z\n" + rule + "END:AVAILABLE\n";

    private static IEnumerable<string> Taken(string components)
    {
        var text = Encoding.UTF8.GetBytes($"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{components}END:VCALENDAR\n".Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.True(CalendarAvailability.TryParse(text, CalendarLimits.Default, out var availability));
        return availability.BusyTimes(Monday, CalendarTimeZone.Utc).Select(t => $"{Clock(t.From)}-{Clock(t.To)} {t.Type}");

        static string Clock(DateTime moment) => $"{(moment - new DateTime(2027, 1, 4)).TotalHours:00}:00";
    }

    private static TimeRange Range(string start, string end)
    {
        Assert.True(TimeRange.TryParse(start, end, out var range));
        return range.Value;
    }
}

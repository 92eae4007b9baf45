using System.Buffers;
using System.Text;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Dav.Import;
using MailServer.Protocol.Scheduling;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Data in reports: parts, instances, busy times, whole calendars.</summary>
public sealed class CalendarReportTests
{
    private static readonly CalendarObject Series = CalendarText.Event(
        "DTSTART;TZID=Berlin made by hand:20260327T100000\nDTEND;TZID=Berlin made by hand:20260327T110000\nRRULE:FREQ=DAILY;COUNT=5\nEXDATE;TZID=Berlin made by hand:20260328T100000\nRDATE;TZID=Berlin made by hand:20260404T120000\nSUMMARY:Daily",
        CalendarText.Override("RECURRENCE-ID;TZID=Berlin made by hand:20260330T100000\nDTSTART;TZID=Berlin made by hand:20260330T150000\nDTEND;TZID=Berlin made by hand:20260330T160000\nSUMMARY:Later"));

    [Fact]
    public void The_whole_object_is_returned_as_stored() => Assert.Equal(Encoding.UTF8.GetString(Series.Text.Span), Write(Series, new CalendarDataRequest()));

    [Fact]
    public void Expanding_writes_each_instance_in_UTC_without_recurrence()
    {
        var text = Write(Series, new CalendarDataRequest { Expand = CalendarText.Range("20260101T000000Z", "20270101T000000Z") });
        Assert.Equal(
            [
                "RECURRENCE-ID:20260327T090000Z", "DTSTART:20260327T090000Z", "DTEND:20260327T100000Z", "SUMMARY:Daily",
                "RECURRENCE-ID:20260329T080000Z", "DTSTART:20260329T080000Z", "DTEND:20260329T090000Z", "SUMMARY:Daily",
                "RECURRENCE-ID:20260330T080000Z", "DTSTART:20260330T130000Z", "DTEND:20260330T140000Z", "SUMMARY:Later",
                "RECURRENCE-ID:20260331T080000Z", "DTSTART:20260331T080000Z", "DTEND:20260331T090000Z", "SUMMARY:Daily",
                "RECURRENCE-ID:20260404T100000Z", "DTSTART:20260404T100000Z", "DTEND:20260404T110000Z", "SUMMARY:Daily",
            ],
            text.Split("\r\n").Where(l => l.StartsWith("DT", StringComparison.Ordinal) && !l.StartsWith("DTSTAMP", StringComparison.Ordinal) || l.StartsWith("RECUR", StringComparison.Ordinal) || l.StartsWith("SUM", StringComparison.Ordinal)));
        foreach (var gone in (string[])["RRULE", "RDATE", "EXDATE", "TZID", "VTIMEZONE"])
            Assert.DoesNotContain(gone, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DTSTART;VALUE=DATE:20260310\nDTEND;VALUE=DATE:20260312\nRRULE:FREQ=WEEKLY;COUNT=2", "RECURRENCE-ID;VALUE=DATE:20260317 DTSTART;VALUE=DATE:20260317 DTEND;VALUE=DATE:20260319")]
    [InlineData("DTSTART:20260310T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2", "RECURRENCE-ID:20260317T100000 DTSTART:20260317T100000 DURATION:PT1H")]
    [InlineData("DTSTART:20260310T100000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20260317T100000Z/PT5H", "RECURRENCE-ID:20260317T100000Z DTSTART:20260317T100000Z DTEND:20260317T150000Z")]
    [InlineData("DTSTART:20260317T100000Z\nDURATION:PT1H", "DTSTART:20260317T100000Z DURATION:PT1H")]
    public void Expanded_times_keep_their_form(string lines, string expanded)
    {
        var text = Write(CalendarText.Event(lines), new CalendarDataRequest { Expand = CalendarText.Range("20260315T000000Z", "20270101T000000Z") });
        Assert.Equal(expanded, string.Join(' ', text.Split("\r\n").Where(l => l.StartsWith("DT", StringComparison.Ordinal) && !l.StartsWith("DTSTAMP", StringComparison.Ordinal) || l.StartsWith("RECUR", StringComparison.Ordinal) || l.StartsWith("DUR", StringComparison.Ordinal))));
    }

    [Fact]
    public void Only_selected_properties_are_written()
    {
        var selection = new ComponentSelection
        {
            Name = "VCALENDAR",
            Properties = [new RequestedProperty("VERSION", false)],
            Components = [new ComponentSelection { Name = "VEVENT", Properties = [new("UID", false), new("SUMMARY", true)] }],
        };
        var text = Write(CalendarText.Event("DTSTART:20260310T100000Z\nSUMMARY;LANGUAGE=en:x"), new CalendarDataRequest { Selection = selection });
        Assert.Equal("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:one\r\nSUMMARY;LANGUAGE=en:\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", text);
    }

    [Fact]
    public void Overrides_outside_the_range_are_left_out()
    {
        Assert.Contains("Later", Write(Series, new CalendarDataRequest { LimitRecurrenceSet = CalendarText.Range("20260330T130000Z", "20260330T140000Z") }), StringComparison.Ordinal);
        Assert.Contains("Later", Write(Series, new CalendarDataRequest { LimitRecurrenceSet = CalendarText.Range("20260330T080000Z", "20260330T090000Z") }), StringComparison.Ordinal);
        var outside = Write(Series, new CalendarDataRequest { LimitRecurrenceSet = CalendarText.Range("20260401T000000Z", "20260402T000000Z") });
        Assert.DoesNotContain("Later", outside, StringComparison.Ordinal);
        Assert.Contains("RRULE", outside, StringComparison.Ordinal);
    }

    [Fact]
    public void Busy_periods_outside_the_range_are_left_out()
    {
        var calendar = CalendarText.Component("VFREEBUSY", "FREEBUSY;FBTYPE=BUSY:20260310T100000Z/PT1H,20260311T100000Z/PT1H");
        Assert.Contains("FREEBUSY;FBTYPE=BUSY:20260311T100000Z/PT1H\r\n", Write(calendar, new CalendarDataRequest { LimitFreeBusySet = CalendarText.Range("20260311T000000Z", "20260312T000000Z") }), StringComparison.Ordinal);
    }

    [Fact]
    public void Free_busy_merges_adjacent_periods_and_names_their_type()
    {
        var answer = new FreeBusyBuilder(CalendarText.Range("20260310T000000Z", "20260311T000000Z"), CalendarTimeZone.Utc, CalendarLimits.Default);
        answer.Add(CalendarText.Event("DTSTART:20260309T230000Z\nDURATION:PT2H"));
        answer.Add(CalendarText.Event("DTSTART:20260301T010000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"));
        answer.Add(CalendarText.Event("DTSTART:20260310T050000Z\nDURATION:PT1H\nSTATUS:TENTATIVE"));
        answer.Add(CalendarText.Event("DTSTART:20260310T070000Z\nDURATION:PT1H\nSTATUS:CANCELLED"));
        answer.Add(CalendarText.Event("DTSTART:20260310T070000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT"));
        answer.Add(CalendarText.Component("VFREEBUSY", "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260310T230000Z/PT5H\nFREEBUSY;FBTYPE=FREE:20260310T120000Z/PT1H"));
        answer.Add(CalendarText.Component("VTODO", "DTSTART:20260310T150000Z"));
        var output = new ArrayBufferWriter<byte>();
        answer.Write(output, DateTimeOffset.UnixEpoch);
        Assert.Equal(
            [
                "FREEBUSY;FBTYPE=BUSY:20260310T000000Z/20260310T020000Z",
                "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260310T050000Z/20260310T060000Z",
                "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260310T230000Z/20260311T000000Z",
            ],
            Encoding.UTF8.GetString(output.WrittenSpan).Split("\r\n").Where(l => l.StartsWith("FREEBUSY", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_export_has_each_time_zone_once_and_can_be_split_again()
    {
        var output = new ArrayBufferWriter<byte>();
        var export = new CalendarExport(output, "Home, sweet");
        export.Add(Series);
        export.Add(CalendarText.Parse(Encoding.UTF8.GetString(Series.Text.Span).Replace("UID:one", "UID:two", StringComparison.Ordinal)));
        export.End();
        var text = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.Equal(2, text.Split("BEGIN:VTIMEZONE").Length);
        Assert.Equal(["one", "two"], ImportFile.Read(output.WrittenMemory).Select(entry => CalendarText.Parse(Encoding.UTF8.GetString(entry.Text.Span)).Uid));
    }

    private static string Write(CalendarObject calendar, CalendarDataRequest data)
    {
        var output = new ArrayBufferWriter<byte>();
        data.Write(calendar, CalendarTimeZone.Utc, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

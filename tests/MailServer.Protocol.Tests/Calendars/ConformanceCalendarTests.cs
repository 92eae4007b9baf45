using System.Buffers;
using System.Diagnostics;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.Dav.Import;
using MailServer.Protocol.Tests.ContentLines;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Calendars of many programs (<c>shared/conformance/ical</c>).</summary>
public sealed class ConformanceCalendarTests
{
    private static readonly CalendarTimeZone Sydney = CalendarText.Zone("Australia/Sydney");

    public static TheoryData<string> Valid() => ConformanceFiles.In("ical/valid", "*.ics");

    public static TheoryData<string> Invalid() => ConformanceFiles.In("ical/invalid", "*.ics");

    [ConformanceFiles.Required]
    [MemberData(nameof(Valid))]
    public void A_valid_calendar_is_parsed(string file)
    {
        foreach (var entry in ImportFile.Read(ConformanceFiles.Read(file)))
        {
            Assert.True(entry.Fault is null, $"{entry.Label}: {entry.Fault}");
            var isParsed = CalendarObject.TryParse(entry.Text, CalendarLimits.Default, out var calendar, out var wrong);
            // Some files of examples contain parts of events, which have no UID.
            Assert.True(isParsed || !entry.Label.Contains("(UID ", StringComparison.Ordinal), wrong?.Reason);
            if (isParsed) UseAll(calendar!);
        }
    }

    [ConformanceFiles.Required]
    [MemberData(nameof(Invalid))]
    public void An_invalid_calendar_is_refused_with_a_reason_or_parsed_leniently(string file)
    {
        var watch = Stopwatch.StartNew();
        var octets = ConformanceFiles.Read(file);
        if (!CalendarObject.TryParse(octets, CalendarLimits.Default, out var whole, out var refused))
            Assert.NotEqual("", refused.Reason);
        else
            UseAll(whole);
        foreach (var entry in ImportFile.Read(octets))
        {
            if (CalendarObject.TryParse(entry.Text, CalendarLimits.Default, out var calendar, out _))
                UseAll(calendar);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), watch.Elapsed.ToString());
    }

    /// <summary>Every instance is within the index range, and expanded data can be parsed.</summary>
    private static void UseAll(CalendarObject calendar)
    {
        var range = CalendarText.Range("19900101T000000Z", "20200101T000000Z");
        foreach (var zone in (CalendarTimeZone[])[CalendarTimeZone.Utc, Sydney])
        {
            foreach (var instance in calendar.Instances(zone, calendar.NewBudget()).Near(range.From, range.To).Where(i => i.Start is not null))
            {
                Assert.True(instance.StartUtc >= calendar.FirstUtc.UtcDateTime, calendar.Uid);
                Assert.True(calendar.LastUtc is null || (instance.EndUtc ?? instance.StartUtc) <= calendar.LastUtc.Value.UtcDateTime, calendar.Uid);
            }
        }

        if (calendar.Component != "VEVENT" || !calendar.Overlaps(range, Sydney))
            return;
        var output = new ArrayBufferWriter<byte>();
        new CalendarDataRequest { Expand = range }.Write(calendar, Sydney, output);
        Assert.True(MailServer.Protocol.ContentLines.ContentComponentParser.TryRead(output.WrittenMemory, CalendarLimits.Default.Content, out _, out var fault), fault?.ToString());
    }
}

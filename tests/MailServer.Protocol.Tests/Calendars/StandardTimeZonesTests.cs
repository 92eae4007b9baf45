using System.Text;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Time zone definitions that are added for clients that request them.</summary>
public sealed class StandardTimeZonesTests
{
    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/St_Johns")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Africa/Casablanca")]
    [InlineData("Asia/Kolkata")]
    [InlineData("Asia/Pyongyang")]
    public void Added_definitions_have_the_same_times_as_the_named_zone(string id)
    {
        var text = Encoding.UTF8.GetBytes(Event($"DTSTART;TZID={id}:20150101T090000\r\nRRULE:FREQ=DAILY"));
        var whole = StandardTimeZones.AddDefinitions(text);
        Assert.True(CalendarObject.TryParse(whole, CalendarLimits.Default, out _, out _));
        Assert.True(VTimeZoneReader.TryParse(whole, CalendarLimits.Default, out var written));
        Assert.True(CalendarTimeZone.TryFind(id, out var named));
        var start = new DateTime(2015, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var hours = 0; hours < 29 * 365 * 24; hours += 7) Assert.Equal(named.OffsetAt(start.AddHours(hours)), written.OffsetAt(start.AddHours(hours)));
        Assert.Equal(whole, StandardTimeZones.AddDefinitions(whole));
    }

    [Fact]
    public void Each_zone_is_defined_once_and_unknown_zones_are_unchanged()
    {
        var text = Event("DTSTART;TZID=Europe/Paris:20260101T090000\r\nDTEND;TZID=Asia/Tokyo:20260101T230000\r\nEXDATE;TZID=Europe/Paris:20260102T090000\r\nRDATE;TZID=Nowhere/Land:20260103T090000");
        var whole = Encoding.UTF8.GetString(StandardTimeZones.AddDefinitions(Encoding.UTF8.GetBytes(text)).Span);
        Assert.Equal(["TZID:Europe/Paris", "TZID:Asia/Tokyo"], whole.Split("\r\n").Where(l => l.StartsWith("TZID:", StringComparison.Ordinal)));
        Assert.Equal(text, Encoding.UTF8.GetString(StandardTimeZones.RemoveDefinitions(Encoding.UTF8.GetBytes(whole)).Span));
    }

    [Fact]
    public void An_object_without_time_zones_is_unchanged()
    {
        var text = Encoding.UTF8.GetBytes(Event("DTSTART:20260101T090000Z"));
        Assert.True(StandardTimeZones.AddDefinitions(text).Span == text);
    }

    private static string Event(string lines) =>
        $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
}

using System.Globalization;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Clock changes in named zones and in zones defined by a calendar.</summary>
public sealed class TimeZoneTests
{
    private static readonly CalendarTimeZone Defined = VTimeZoneReader.TryParse(
        CalendarText.Bytes("BEGIN:VCALENDAR\n" + CalendarText.Berlin + "\nEND:VCALENDAR"), CalendarLimits.Default, out var zone) ? zone : throw new InvalidOperationException();

    [Theory]
    [InlineData("2026-03-29T01:59:59", "2026-03-29T00:59:59")]
    [InlineData("2026-03-29T02:30:00", "2026-03-29T01:30:00")]
    [InlineData("2026-03-29T03:00:00", "2026-03-29T01:00:00")]
    [InlineData("2026-10-25T02:30:00", "2026-10-25T00:30:00")]
    [InlineData("2026-10-25T03:00:00", "2026-10-25T02:00:00")]
    [InlineData("2026-01-01T00:00:00", "2025-12-31T23:00:00")]
    [InlineData("2026-07-01T00:00:00", "2026-06-30T22:00:00")]
    [InlineData("2099-07-01T00:00:00", "2099-06-30T22:00:00")]
    public void Local_times_are_converted_to_UTC(string local, string utc)
    {
        Assert.Equal(Time(utc), CalendarText.Zone("Europe/Berlin").ToUtc(Time(local)));
        Assert.Equal(Time(utc), Defined.ToUtc(Time(local)));
    }

    [Fact]
    public void A_defined_zone_agrees_with_the_tz_database_hour_by_hour()
    {
        var named = CalendarText.Zone("Europe/Berlin");
        for (var utc = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc); utc.Year < 2028; utc = utc.AddHours(1))
            Assert.Equal(named.OffsetAt(utc), Defined.OffsetAt(utc));
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData(" Europe/Berlin ")]
    [InlineData("W. Europe Standard Time")]
    [InlineData("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin")]
    public void Zones_are_found_by_all_their_names(string name) =>
        Assert.Equal(TimeSpan.FromHours(2), CalendarText.Zone(name).OffsetAt(new DateTime(2026, 7, 1, 0, 0, 0, DateTimeKind.Utc)));

    [Fact]
    public void Rules_starting_in_1601_and_zones_without_rules_are_supported()
    {
        const string Outlook = """
            BEGIN:VTIMEZONE
            TZID:x
            BEGIN:STANDARD
            DTSTART:16010101T030000
            TZOFFSETFROM:+0200
            TZOFFSETTO:+0100
            RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
            END:STANDARD
            BEGIN:DAYLIGHT
            DTSTART:16010101T020000
            TZOFFSETFROM:+0100
            TZOFFSETTO:+0200
            RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
            END:DAYLIGHT
            END:VTIMEZONE
            """;
        var zone = Read(Outlook);
        Assert.Equal(TimeSpan.FromHours(2), zone.OffsetAt(new DateTime(2026, 7, 1, 0, 0, 0, DateTimeKind.Utc)));
        Assert.Equal(TimeSpan.FromHours(1), zone.OffsetAt(new DateTime(2026, 12, 1, 0, 0, 0, DateTimeKind.Utc)));
        var ended = Read(Outlook.Replace("BYMONTH=3", "BYMONTH=3;UNTIL=20050327T010000Z", StringComparison.Ordinal).Replace("BYMONTH=10", "BYMONTH=10;UNTIL=20051030T010000Z", StringComparison.Ordinal));
        Assert.Equal(TimeSpan.FromHours(2), ended.OffsetAt(new DateTime(2005, 7, 1, 0, 0, 0, DateTimeKind.Utc)));
        Assert.Equal(TimeSpan.FromHours(1), ended.OffsetAt(new DateTime(2026, 7, 1, 0, 0, 0, DateTimeKind.Utc)));
        Assert.Equal(TimeSpan.FromHours(5.5), Read("BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE").OffsetAt(DateTime.UnixEpoch));
    }

    private static CalendarTimeZone Read(string definition)
    {
        Assert.True(VTimeZoneReader.TryParse(CalendarText.Bytes($"BEGIN:VCALENDAR\n{definition}\nEND:VCALENDAR"), CalendarLimits.Default, out var zone));
        return zone;
    }

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);
}

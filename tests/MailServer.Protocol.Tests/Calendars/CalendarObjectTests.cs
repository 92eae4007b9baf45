using MailServer.Protocol.Calendars;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Validation of calendar objects (RFC 4791 §4.1).</summary>
public sealed class CalendarObjectTests
{
    private const string Event = "BEGIN:VEVENT\nUID:a\nDTSTART:20260101T000000Z\nEND:VEVENT\n";

    [Fact]
    public void An_object_exposes_the_properties_that_the_server_needs()
    {
        var calendar = CalendarText.Event("DTSTART:20260310T100000Z\nSUMMARY:Lunch\\, late\nORGANIZER:mailto:a@b.example\nATTENDEE;CN=\"B, C\":mailto:b@b.example\nATTENDEE:mailto:c@b.example");
        Assert.Equal(("one", "VEVENT", "Lunch, late", "mailto:a@b.example", false), (calendar.Uid, calendar.Component, calendar.Summary, calendar.Organizer, calendar.HasRecurrence));
        Assert.Equal(["mailto:b@b.example", "mailto:c@b.example"], calendar.Attendees);
    }

    [Theory]
    [InlineData("", "valid-calendar-data")]
    [InlineData("BEGIN:VCALENDAR\nEND:VCALENDAR", "valid-calendar-object-resource")]
    [InlineData("BEGIN:VCARD\nEND:VCARD", "valid-calendar-data")]
    [InlineData("BEGIN:VCALENDAR\n" + Event + "END:VCALENDAR\nBEGIN:VCALENDAR\n" + Event + "END:VCALENDAR", "valid-calendar-data")]
    [InlineData("BEGIN:VCALENDAR\nMETHOD:REQUEST\n" + Event + "END:VCALENDAR", "valid-calendar-object-resource")]
    [InlineData("BEGIN:VCALENDAR\n" + Event + "BEGIN:VTODO\nUID:a\nEND:VTODO\nEND:VCALENDAR", "valid-calendar-object-resource")]
    [InlineData("BEGIN:VCALENDAR\n" + Event + Event + "END:VCALENDAR", "valid-calendar-object-resource")]
    [InlineData("BEGIN:VCALENDAR\n" + Event + "BEGIN:VEVENT\nUID:b\nDTSTART:20260101T000000Z\nEND:VEVENT\nEND:VCALENDAR", "valid-calendar-object-resource")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T000000Z\nEND:VEVENT\nEND:VCALENDAR", "valid-calendar-object-resource")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:X-PARTY\nUID:a\nEND:X-PARTY\nEND:VCALENDAR", "supported-calendar-component")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR", "valid-calendar-data")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260231T000000Z\nEND:VEVENT\nEND:VCALENDAR", "valid-calendar-data")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260228T000000Z\nRRULE:FREQ=SOMETIMES\nEND:VEVENT\nEND:VCALENDAR", "valid-calendar-data")]
    public void An_error_names_the_precondition(string text, string element) => Assert.Equal(element, CalendarText.Fault(text).Element);

    [Fact]
    public void Size_and_number_of_attendees_are_limited()
    {
        var text = CalendarText.Bytes("BEGIN:VCALENDAR\n" + Event.Replace("UID:a", "UID:a\nATTENDEE:mailto:a@a.example\nATTENDEE:mailto:b@a.example", StringComparison.Ordinal) + "END:VCALENDAR");
        Assert.False(CalendarObject.TryParse(text, new CalendarLimits { MaxAttendees = 1 }, out _, out var fault));
        Assert.Equal("max-attendees-per-instance", fault.Element);
        Assert.False(CalendarObject.TryParse(text, new CalendarLimits { Content = new() { MaxText = 20 } }, out _, out fault));
        Assert.Equal("max-resource-size", fault.Element);
    }

    [Theory]
    [InlineData("P1W", 7, 0)]
    [InlineData("-P1DT2H", -1, -7200)]
    [InlineData("+PT15M10S", 0, 910)]
    public void Durations_are_parsed(string text, int days, int seconds)
    {
        Assert.True(CalendarDuration.TryParse(text, out var duration));
        Assert.Equal(new CalendarDuration(days, TimeSpan.FromSeconds(seconds)), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("1D")]
    [InlineData("PT")]
    [InlineData("P1H")]
    [InlineData("P9999999999W")]
    public void An_invalid_duration_is_refused(string text) => Assert.False(CalendarDuration.TryParse(text, out _));

    [Theory]
    [InlineData("20260101T000000Z", null, true)]
    [InlineData("20260101T000000Z", "20260101T000000Z", false)]
    [InlineData("20260101T000000", null, false)]
    [InlineData("20260101", null, false)]
    [InlineData(null, null, false)]
    public void A_time_range_is_in_UTC_and_not_empty(string? start, string? end, bool valid) => Assert.Equal(valid, TimeRange.TryParse(start, end, out _));
}

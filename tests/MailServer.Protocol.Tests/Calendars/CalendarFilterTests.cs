using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Filters;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Filters of calendar-query, after the examples of RFC 4791 §7.8.</summary>
public sealed class CalendarFilterTests
{
    private static readonly CalendarObject Meeting = CalendarText.Event(
        """
        DTSTART;TZID=Berlin made by hand:20260310T100000
        DURATION:PT1H
        RRULE:FREQ=DAILY;COUNT=5
        SUMMARY:Event #2
        ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:lisa@example.com
        BEGIN:VALARM
        ACTION:AUDIO
        TRIGGER:-PT15M
        REPEAT:4
        DURATION:PT5M
        END:VALARM
        """,
        CalendarText.Override("RECURRENCE-ID;TZID=Berlin made by hand:20260312T100000\nDTSTART;TZID=Berlin made by hand:20260312T140000\nDURATION:PT1H\nSUMMARY:Event #2 bis"));

    [Fact]
    public void A_component_is_matched_by_a_time_range()
    {
        Assert.True(Matches(new ComponentFilter { Name = "VEVENT", TimeRange = CalendarText.Range("20260310T000000Z", "20260311T000000Z") }));
        Assert.False(Matches(new ComponentFilter { Name = "VEVENT", TimeRange = CalendarText.Range("20260315T000000Z", "20260316T000000Z") }));
        Assert.False(Matches(new ComponentFilter { Name = "VTODO" }));
        Assert.True(Matches(new ComponentFilter { Name = "VTODO", IsNotDefined = true }));
    }

    [Theory]
    [InlineData("event #2", false, true)]
    [InlineData("bis", false, true)]
    [InlineData("nothing", false, false)]
    [InlineData("nothing", true, true)]
    public void A_property_is_matched_by_text(string text, bool negate, bool matches) => Assert.Equal(matches, Matches(new ComponentFilter
    {
        Name = "VEVENT",
        Properties = [new PropertyFilter { Name = "SUMMARY", TextMatch = new TextMatch(text, TextCollation.AsciiCasemap, Negate: negate) }],
    }));

    [Fact]
    public void All_conditions_must_hold_for_the_same_component()
    {
        var bis = new PropertyFilter { Name = "SUMMARY", TextMatch = new TextMatch("bis", TextCollation.Octet) };
        Assert.True(Matches(new ComponentFilter { Name = "VEVENT", Properties = [bis], TimeRange = CalendarText.Range("20260312T130000Z", "20260312T140000Z") }));
        Assert.False(Matches(new ComponentFilter { Name = "VEVENT", Properties = [bis], TimeRange = CalendarText.Range("20260310T090000Z", "20260310T100000Z") }));
    }

    [Theory]
    [InlineData("NEEDS-ACTION", true)]
    [InlineData("ACCEPTED", false)]
    public void A_property_is_matched_by_a_parameter(string value, bool matches) => Assert.Equal(matches, Matches(new ComponentFilter
    {
        Name = "VEVENT",
        Properties =
        [
            new PropertyFilter
            {
                Name = "ATTENDEE",
                TextMatch = new TextMatch("mailto:lisa@example.com", TextCollation.AsciiCasemap),
                Parameters = [new ParameterFilter { Name = "PARTSTAT", TextMatch = new TextMatch(value, TextCollation.AsciiCasemap) }],
            },
            new PropertyFilter { Name = "DTSTART", Parameters = [new ParameterFilter { Name = "X-NONE", IsNotDefined = true }] },
            new PropertyFilter { Name = "LOCATION", IsNotDefined = true },
        ],
    }));

    [Theory]
    [InlineData("20260310T084500Z", "20260310T084501Z", true)]
    [InlineData("20260310T090500Z", "20260310T090501Z", true)]
    [InlineData("20260310T090501Z", "20260310T090600Z", false)]
    [InlineData("20260312T084500Z", "20260312T084501Z", false)]
    [InlineData("20260314T084000Z", "20260314T084501Z", true)]
    public void An_alarm_is_matched_by_a_time_range(string start, string end, bool matches) => Assert.Equal(matches, Matches(new ComponentFilter
    {
        Name = "VEVENT",
        Components = [new ComponentFilter { Name = "VALARM", TimeRange = CalendarText.Range(start, end) }],
    }));

    [Theory]
    [InlineData("DTSTAMP", "20260101T000000Z", "20260102T000000Z", true)]
    [InlineData("DTSTAMP", "20260102T000000Z", "20260103T000000Z", false)]
    [InlineData("DTSTART", "20260310T085959Z", "20260310T090001Z", true)]
    [InlineData("SUMMARY", "20260310T085959Z", "20260310T090001Z", false)]
    public void A_property_is_matched_by_a_time_range(string property, string start, string end, bool matches) => Assert.Equal(matches, Matches(new ComponentFilter
    {
        Name = "VEVENT",
        Properties = [new PropertyFilter { Name = property, TimeRange = CalendarText.Range(start, end) }],
    }));

    [Fact]
    public void The_filter_plan_describes_what_the_database_can_preselect()
    {
        var range = CalendarText.Range("20260310T000000Z", "20260311T000000Z");
        Assert.Equal(new CalendarFilterPlan("VEVENT", range, IsExact: false, IsEmpty: false) { IsEventRange = true }, Filter(new ComponentFilter { Name = "vevent", TimeRange = range }).Plan);
        Assert.Equal(new CalendarFilterPlan("VTODO", null, IsExact: true, IsEmpty: false), Filter(new ComponentFilter { Name = "VTODO" }).Plan);
        Assert.Equal(new CalendarFilterPlan(null, null, IsExact: true, IsEmpty: false), Filter().Plan);
        Assert.True(Filter(new ComponentFilter { Name = "VTODO" }, new ComponentFilter { Name = "VEVENT" }).Plan.IsEmpty);
        Assert.True(new CalendarFilter(new ComponentFilter { Name = "VEVENT" }).Plan.IsEmpty);
        Assert.False(new CalendarFilter(new ComponentFilter { Name = "VEVENT" }).Matches(Meeting, CalendarTimeZone.Utc));
    }

    private static bool Matches(ComponentFilter filter) => Filter(filter).Matches(Meeting, CalendarTimeZone.Utc);

    private static CalendarFilter Filter(params ComponentFilter[] components) => new(new ComponentFilter { Name = "VCALENDAR", Components = components });
}

namespace MailServer.Tests.Web;

/// <summary>Data that is not calendar data, at every place that takes some; and filters for what iCalendar does not define.</summary>
public sealed class DavCalendarDataTests(TestNode node) : IClassFixture<TestNode>
{
    private const string FreeBusy = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nDTEND:20260102T000000Z\r\nORGANIZER:mailto:ann@example.org\r\nATTENDEE:mailto:ben@example.org\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n";

    /// <summary>Method, place, content type, body, and the condition that it violates.</summary>
    public static TheoryData<string, string, string, string, string> Wrong() => new()
    {
        { "PUT", "calendar/x.ics", "text/plain", "nonsense", "supported-calendar-data" },
        { "PUT", "calendar/x.ics", "application/json", "{}", "supported-calendar-data" },
        { "PUT", "calendar/x.ics", "text/vcard", DavSession.Card("x"), "supported-calendar-data" },
        { "PUT", "calendar/x.ics", "text/calendar", "nonsense", "valid-calendar-data" },
        { "PUT", "calendar/x.ics", "", "nonsense", "valid-calendar-data" },
        { "PUT", "calendar/x.ics", "text/calendar", DavSession.Card("x"), "valid-calendar-data" },
        { "PUT", "calendar/x.ics", "text/calendar", "", "valid-calendar-data" },
        { "POST", "calendar/", "text/plain", DavSession.Event("x"), "supported-calendar-data" },
        { "POST", "calendar/", "text/vcard", DavSession.Card("x"), "supported-calendar-data" },
        { "POST", "calendar/", "", DavSession.Event("x"), "supported-calendar-data" },
        { "POST", "calendar/", "text/calendar", "nonsense", "valid-calendar-data" },
        { "POST", "outbox/", "text/plain", FreeBusy, "supported-calendar-data" },
        { "POST", "outbox/", "application/xml", "<x/>", "supported-calendar-data" },
        { "POST", "outbox/", "", FreeBusy, "supported-calendar-data" },
        { "POST", "outbox/", "text/calendar", "nonsense", "valid-calendar-data" },
        { "POST", "outbox/", "text/calendar", "", "valid-calendar-data" },
        { "POST", "outbox/", "text/calendar", DavSession.Card("x"), "valid-calendar-data" },
        { "POST", "outbox/", "text/calendar", FreeBusy + FreeBusy, "valid-calendar-data" },
        { "POST", "outbox/", "text/calendar", DavSession.Event("x"), "valid-scheduling-message" },
        { "POST", "outbox/", "text/calendar", FreeBusy.Replace("METHOD:REQUEST\r\n", "", StringComparison.Ordinal), "valid-scheduling-message" },
        { "POST", "outbox/", "text/calendar", FreeBusy.Replace("DTEND:20260102T000000Z\r\n", "", StringComparison.Ordinal), "valid-scheduling-message" },
        { "POST", "outbox/", "text/calendar", FreeBusy.Replace("ORGANIZER:mailto:ann@example.org\r\n", "", StringComparison.Ordinal), "valid-scheduling-message" },
        { "POST", "outbox/", "text/calendar", FreeBusy.Replace("ATTENDEE:mailto:ben@example.org\r\n", "", StringComparison.Ordinal), "valid-scheduling-message" },
        { "POST", "outbox/", "text/calendar", FreeBusy.Replace("UID:1\r\n", "", StringComparison.Ordinal), "valid-scheduling-message" },
        { "POST", "outbox/", "text/calendar", FreeBusy.Replace("mailto:ann", "mailto:ben", StringComparison.Ordinal), "valid-organizer" },
        { "REPORT", "calendar/", "text/xml", Query("<C:comp-filter name='VEVENT'/>").Replace("<D:getetag/>", "<C:calendar-data content-type='application/calendar+json'/>", StringComparison.Ordinal), "supported-calendar-data" },
        { "REPORT", "calendar/", "text/xml", Query("<C:comp-filter name='VEVENT'/>").Replace("</C:calendar-query>", "<C:timezone>nonsense</C:timezone></C:calendar-query>", StringComparison.Ordinal), "valid-calendar-data" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Data_of_another_kind_is_refused_with_its_condition(string method, string place, string type, string body, string condition)
    {
        using var http = new DavSession(node, TestNode.Ann);
        var (status, text, _) = await http.SendAsync(method, http.Home + place, body, type, ("Depth", "1"));
        // RFC 6638 §5.2.1
        var expected = condition == "valid-scheduling-message" ? 400 : 403;
        Assert.True(status == expected && text.Contains($"<C:{condition}/>", StringComparison.Ordinal), $"{status} {text}");
    }

    [Fact]
    public async Task Contact_data_of_another_kind_is_refused_with_its_condition()
    {
        using var http = new DavSession(node, TestNode.Ann);
        foreach (var (method, url, type, body, condition) in new[]
        {
            ("PUT", http.Contacts + "x.vcf", "text/plain", "nonsense", "supported-address-data"), ("PUT", http.Contacts + "x.vcf", "text/vcard", "nonsense", "valid-address-data"),
            ("POST", http.Contacts, "text/plain", DavSession.Card("x"), "supported-address-data"), ("POST", http.Contacts, "text/vcard", "nonsense", "valid-address-data"),
        })
        {
            var (status, text, _) = await http.SendAsync(method, url, body, type);
            Assert.True(status == 403 && text.Contains($"<A:{condition}/>", StringComparison.Ordinal), $"{method} {type}: {status} {text}");
        }
    }

    /// <summary>Filters inside VCALENDAR or VEVENT, and which of three objects match: one with a component of another specification, one with X- properties, one with neither.</summary>
    [Theory]
    [InlineData("<C:comp-filter name='X-PART'/>", "")]
    [InlineData("<C:comp-filter name='X-PART'><C:is-not-defined/></C:comp-filter>", "part property plain")]
    [InlineData("<C:comp-filter name='VNEW'/>", "")]
    [InlineData("<C:comp-filter name='VPOLL'/>", "")]
    [InlineData("<C:comp-filter name='VEVENT'/><C:comp-filter name='X-PART'><C:is-not-defined/></C:comp-filter>", "part property plain")]
    [InlineData("<C:comp-filter name='X-PART'/><C:comp-filter name='VEVENT'/>", "")]
    [InlineData("<C:comp-filter name='VEVENT'><C:comp-filter name='X-PART'/></C:comp-filter>", "part")]
    [InlineData("<C:comp-filter name='VEVENT'><C:comp-filter name='x-part'><C:prop-filter name='X-NOTE'><C:text-match>GREEN</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter>", "part")]
    [InlineData("<C:comp-filter name='VEVENT'><C:comp-filter name='X-PART'><C:prop-filter name='X-NOTE'><C:text-match>red</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter>", "")]
    [InlineData("<C:comp-filter name='VEVENT'><C:comp-filter name='X-PART'><C:is-not-defined/></C:comp-filter></C:comp-filter>", "property plain")]
    [InlineData("<C:comp-filter name='VEVENT'><C:comp-filter name='VNEW'><C:is-not-defined/></C:comp-filter></C:comp-filter>", "part property plain")]
    [InlineData("<C:comp-filter name='VEVENT'><C:prop-filter name='X-NOTE'><C:text-match>blue</C:text-match></C:prop-filter></C:comp-filter>", "property")]
    [InlineData("<C:comp-filter name='VEVENT'><C:prop-filter name='X-NOTE'><C:text-match negate-condition='yes'>red</C:text-match></C:prop-filter></C:comp-filter>", "property")]
    [InlineData("<C:comp-filter name='VEVENT'><C:prop-filter name='X-NOTE'><C:is-not-defined/></C:prop-filter></C:comp-filter>", "part plain")]
    [InlineData("<C:comp-filter name='VEVENT'><C:prop-filter name='X-NOTE'><C:param-filter name='X-P'><C:text-match>one</C:text-match></C:param-filter></C:prop-filter></C:comp-filter>", "property")]
    [InlineData("<C:comp-filter name='VEVENT'><C:prop-filter name='X-TIME'><C:time-range start='20270301T000000Z' end='20270302T000000Z'/></C:prop-filter></C:comp-filter>", "property")]
    [InlineData("<C:comp-filter name='VEVENT'><C:prop-filter name='X-TIME'><C:time-range start='20270302T000000Z' end='20270303T000000Z'/></C:prop-filter></C:comp-filter>", "")]
    [InlineData("<C:comp-filter name='VEVENT'><C:prop-filter name='X-NOTE'><C:time-range start='20270302T000000Z' end='20270303T000000Z'/></C:prop-filter></C:comp-filter>", "")]
    public async Task A_filter_finds_what_iCalendar_does_not_define(string filter, string expected)
    {
        using var http = new DavSession(node, TestNode.Ann);
        await http.SendAsync("MKCALENDAR", http.Home + "own/");
        await http.SendAsync("PUT", http.Home + "own/part.ics", DavSession.Event("part", "DTSTART:20270101T100000Z\r\nBEGIN:X-PART\r\nX-NOTE:light green\r\nEND:X-PART"));
        await http.SendAsync("PUT", http.Home + "own/property.ics", DavSession.Event("property", "DTSTART:20270101T100000Z\r\nX-NOTE;X-P=one:dark blue\r\nX-TIME;VALUE=DATE-TIME:20270301T100000Z"));
        await http.SendAsync("PUT", http.Home + "own/plain.ics", DavSession.Event("plain"));
        var found = System.Xml.Linq.XElement.Parse(await http.ExpectAsync(207, "REPORT", http.Home + "own/", Query(filter), ("Depth", "1")));
        Assert.Equal(expected, string.Join(' ', found.Descendants(System.Xml.Linq.XName.Get("href", "DAV:")).Select(static href => href.Value.Split('/')[^1][..^4])));
    }

    [Theory]
    [InlineData("<C:comp-filter name='X-PART'>$</C:comp-filter>", "X-PART")]
    [InlineData("<C:comp-filter name='VNEW'>$</C:comp-filter>", "VNEW")]
    [InlineData("<C:comp-filter name='VEVENT'><C:comp-filter name='X-PART'>$</C:comp-filter></C:comp-filter>", "X-PART")]
    public async Task A_time_range_of_an_unknown_component_is_not_supported(string filter, string component)
    {
        using var http = new DavSession(node, TestNode.Ann);
        var refused = await http.ExpectAsync(403, "REPORT", http.Calendar, Query(filter.Replace("$", "<C:time-range start='20270302T000000Z' end='20270303T000000Z'/>", StringComparison.Ordinal)), ("Depth", "1"));
        var condition = System.Xml.Linq.XElement.Parse(refused).Element(System.Xml.Linq.XName.Get("supported-filter", "urn:ietf:params:xml:ns:caldav"))!;
        Assert.Equal(component, condition.Elements().Single().Attribute("name")!.Value);
    }

    private static string Query(string filter) =>
        $"<C:calendar-query {DavSession.Names}><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name='VCALENDAR'>{filter}</C:comp-filter></C:filter></C:calendar-query>";
}

using System.Xml.Linq;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>What public CalDAV and CardDAV test suites check, where the RFCs require it.</summary>
[Collection(SharedDavServerCollection.Name)]
public sealed class DavConformanceTests(SharedServer shared) : IAsyncLifetime
{
    private const string Calendars = "xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'";
    private static readonly XNamespace CalDav = "urn:ietf:params:xml:ns:caldav";
    private static readonly XNamespace WebDav = "DAV:";
    private DavClient _ann = null!;

    public async Task InitializeAsync() => _ann = new DavClient(shared.Server, await shared.Server.AddUserAsync("ann"));

    public Task DisposeAsync()
    {
        _ann.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task An_object_is_not_replaced_by_one_with_another_uid()
    {
        var (one, two) = (_ann.Calendar + "one.ics", _ann.Calendar + "two.ics");
        (await _ann.PutAsync(one, DavClient.Event("one"))).Is(201);
        (await _ann.PutAsync(two, DavClient.Event("two"))).Is(201);
        Assert.Equal(CalDav + "no-uid-conflict", (await _ann.PutAsync(one, DavClient.Event("three"))).Is(403).Xml.Elements().First().Name);
        foreach (var method in new[] { "MOVE", "COPY" })
            Assert.Equal(CalDav + "no-uid-conflict", (await _ann.SendAsync(method, two, null, ("Destination", one), ("Overwrite", "T"))).Is(403).Xml.Elements().First().Name);
        Assert.Contains("UID:one", (await _ann.GetAsync(one)).Is(200).Body, StringComparison.Ordinal);
        (await _ann.GetAsync(two)).Is(200);
        (await _ann.PutAsync(one, DavClient.Event("one", "LOCATION:there\r\n"))).Is(204);

        (await _ann.PutAsync(_ann.Contacts + "a.vcf", DavClient.Card("a"))).Is(201);
        Assert.Contains("no-uid-conflict", (await _ann.PutAsync(_ann.Contacts + "a.vcf", DavClient.Card("b"))).Is(403).Body, StringComparison.Ordinal);
        // Plain files have no UID, whatever they contain.
        var file = $"/dav/files/{_ann.User}/a.ics";
        (await _ann.PutAsync(file, DavClient.Event("a"))).Is(201);
        (await _ann.PutAsync(file, DavClient.Event("b"))).Is(204);
    }

    [Theory]
    [InlineData("<C:comp-filter name='VEVENT'/>")]
    [InlineData("<C:comp-filter name='VCALENDAR'><C:time-range start='20270102T000000Z'/></C:comp-filter>")]
    [InlineData("<C:comp-filter name='VCALENDAR'><C:comp-filter name='VALARM'/></C:comp-filter>")]
    [InlineData("<C:comp-filter name='VCALENDAR'><C:comp-filter name='VTODO'><C:comp-filter name='VEVENT'/></C:comp-filter></C:comp-filter>")]
    [InlineData("<C:comp-filter name='VCALENDAR'><C:comp-filter name='VTIMEZONE'><C:time-range start='20270102T000000Z'/></C:comp-filter></C:comp-filter>")]
    [InlineData("<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:prop-filter name='SUMMARY'><C:time-range start='20270102T000000Z'/></C:prop-filter></C:comp-filter></C:comp-filter>")]
    public async Task An_unsatisfiable_filter_is_refused(string filter)
    {
        var refused = (await _ann.SendAsync("REPORT", _ann.Calendar, Query(filter), ("Depth", "1"))).Is(403);
        Assert.Equal(CalDav + "valid-filter", refused.Xml.Elements().First().Name);
    }

    [Theory]
    [InlineData("<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:comp-filter name='VALARM'><C:is-not-defined/></C:comp-filter></C:comp-filter></C:comp-filter>")]
    [InlineData("<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:prop-filter name='DTSTAMP'><C:time-range start='20260102T000000Z'/></C:prop-filter></C:comp-filter></C:comp-filter>")]
    [InlineData("<C:comp-filter name='vcalendar'><C:comp-filter name='vevent'><C:time-range start='20270102T000000Z'/></C:comp-filter></C:comp-filter>")]
    [InlineData("<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:prop-filter name='X-MINE'><C:is-not-defined/></C:prop-filter></C:comp-filter></C:comp-filter>")]
    public async Task A_satisfiable_filter_is_answered(string filter)
    {
        (await _ann.PutAsync(_ann.Calendar + "a.ics", DavClient.Event("a"))).Is(201);
        Assert.Single((await _ann.SendAsync("REPORT", _ann.Calendar, Query(filter), ("Depth", "1"))).Is(207).Hrefs);
    }

    [Fact]
    public async Task Reports_work_on_a_single_resource()
    {
        var (one, two) = (_ann.Calendar + "one.ics", _ann.Calendar + "two.ics");
        (await _ann.PutAsync(one, DavClient.Event("one"))).Is(201);
        (await _ann.PutAsync(two, DavClient.Event("two"))).Is(201);
        const string events = "<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'/></C:comp-filter>";
        const string tasks = "<C:comp-filter name='VCALENDAR'><C:comp-filter name='VTODO'/></C:comp-filter>";
        Assert.Equal([one], (await _ann.SendAsync("REPORT", one, Query(events), ("Depth", "0"))).Is(207).Hrefs);
        Assert.Empty((await _ann.SendAsync("REPORT", one, Query(tasks), ("Depth", "0"))).Is(207).Hrefs);
        var multiget = $"<C:calendar-multiget {Calendars}><D:prop><D:getetag/></D:prop><D:href>{one}</D:href><D:href>{two}</D:href></C:calendar-multiget>";
        Assert.Single((await _ann.SendAsync("REPORT", one, multiget)).Is(207).Xml.Descendants(WebDav + "getetag"));

        var card = _ann.Contacts + "a.vcf";
        (await _ann.PutAsync(card, DavClient.Card("a"))).Is(201);
        const string people = "<A:addressbook-query xmlns:A='urn:ietf:params:xml:ns:carddav' xmlns:D='DAV:'><D:prop><A:address-data/></D:prop><A:filter><A:prop-filter name='FN'/></A:filter></A:addressbook-query>";
        Assert.Equal([card], (await _ann.SendAsync("REPORT", card, people, ("Depth", "0"))).Is(207).Hrefs);
        Assert.Contains("calendar-multiget", (await _ann.PropFindAsync(one, 0, "D:supported-report-set")).Is(207).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<C:calendar-timezone>no calendar</C:calendar-timezone>", "valid-calendar-data")]
    [InlineData("<C:calendar-timezone>BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n</C:calendar-timezone>", "valid-calendar-data")]
    [InlineData("<C:calendar-timezone-id>Atlantis/Poseidonis</C:calendar-timezone-id>", "valid-timezone")]
    public async Task A_property_that_cannot_be_set_names_its_precondition_and_the_others_fail_as_dependent(string property, string condition)
    {
        var update = $"<D:propertyupdate {Calendars}><D:set><D:prop><D:displayname>New</D:displayname>{property}</D:prop></D:set></D:propertyupdate>";
        var parts = (await _ann.SendAsync("PROPPATCH", _ann.Calendar, update)).Is(207).Xml.Descendants(WebDav + "propstat").ToArray();
        Assert.Contains("424", parts.Single(p => p.Descendants(WebDav + "displayname").Any()).Element(WebDav + "status")!.Value, StringComparison.Ordinal);
        var refused = parts.Single(p => !p.Descendants(WebDav + "displayname").Any());
        Assert.Contains("403", refused.Element(WebDav + "status")!.Value, StringComparison.Ordinal);
        Assert.Single(refused.Element(WebDav + "error")!.Elements(CalDav + condition));
        Assert.DoesNotContain(">New<", (await _ann.PropFindAsync(_ann.Calendar, 0, "D:displayname")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_on_principals_require_depth_zero()
    {
        const string self = "<D:principal-match xmlns:D='DAV:'><D:self/></D:principal-match>";
        (await _ann.SendAsync("REPORT", "/dav/principals/", self, ("Depth", "1"))).Is(400);
        Assert.Single((await _ann.SendAsync("REPORT", "/dav/principals/", self)).Is(207).Hrefs);
        Assert.Single((await _ann.SendAsync("REPORT", "/dav/principals/", self, ("Depth", "0"))).Is(207).Hrefs);
    }

    [Fact]
    public async Task A_property_that_does_not_exist_is_not_expanded()
    {
        const string expand = "<D:expand-property xmlns:D='DAV:'><D:property name='nothing'><D:property name='displayname'/></D:property></D:expand-property>";
        var part = Assert.Single((await _ann.SendAsync("REPORT", $"/dav/principals/{_ann.User}/", expand)).Is(207).Xml.Descendants(WebDav + "propstat"));
        Assert.Contains("404", part.Element(WebDav + "status")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_not_a_calendar_and_not_declared_as_one_has_an_unsupported_type()
    {
        var refused = (await _ann.PutAsync(_ann.Calendar + "a.ics", "words", ("Content-Type", "text/plain"))).Is(403);
        Assert.Equal(CalDav + "supported-calendar-data", refused.Xml.Elements().First().Name);
        // Programs without a calendar library send any content type.
        (await _ann.PutAsync(_ann.Calendar + "a.ics", DavClient.Event("a"), ("Content-Type", "application/octet-stream"))).Is(201);
        (await _ann.PutAsync(_ann.Calendar + "b.ics", DavClient.Event("b").Replace("DURATION:PT1H", "DURATION:P1DT", StringComparison.Ordinal))).Is(201);
    }

    [Fact]
    public async Task Time_zones_referenced_by_name_are_applied_and_omitted_for_clients_that_know_them()
    {
        var url = _ann.Calendar + "ny.ics";
        (await _ann.PutAsync(url, DavClient.Event("ny", start: "DTSTART;TZID=America/New_York:20270110T230000"), ("CalDAV-Timezones", "F"))).Is(201);
        foreach (var (day, found) in new[] { ("10", 0), ("11", 1) })
        {
            var filter = $"<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:time-range start='202701{day}T030000Z' end='202701{day}T050000Z'/></C:comp-filter></C:comp-filter>";
            Assert.Equal(found, (await _ann.SendAsync("REPORT", _ann.Calendar, Query(filter), ("Depth", "1"), ("CalDAV-Timezones", "F"))).Is(207).Hrefs.Count);
        }

        Assert.DoesNotContain("VTIMEZONE", (await _ann.GetAsync(url, ("CalDAV-Timezones", "F"))).Is(200).Body, StringComparison.Ordinal);
        Assert.Contains("BEGIN:VTIMEZONE", (await _ann.GetAsync(url, ("CalDAV-Timezones", "T"))).Is(200).Body, StringComparison.Ordinal);
        var reply = await _ann.SendAsync("OPTIONS", _ann.Calendar);
        Assert.Contains("calendar-no-timezone", reply.Header("DAV"), StringComparison.Ordinal);
        Assert.Contains("calendar-availability", reply.Header("DAV"), StringComparison.Ordinal);
    }

    private static string Query(string filter) => $"<C:calendar-query {Calendars}><D:prop><D:getetag/></D:prop><C:filter>{filter}</C:filter></C:calendar-query>";
}

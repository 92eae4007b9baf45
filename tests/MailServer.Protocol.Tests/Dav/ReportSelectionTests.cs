using System.Text;
using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Reports;

namespace MailServer.Protocol.Tests.Dav;

/// <summary>What a report selects and in which form, without a store or an actor.</summary>
public sealed class ReportSelectionTests
{
    private const string Events = "<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'/></C:comp-filter>";
    private const string Standups =
        "<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:prop-filter name='SUMMARY'><C:text-match>standup</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter>";

    [Fact]
    public void A_filter_decides_what_the_plan_cannot()
    {
        var selection = Query(Standups);
        Assert.NotNull(selection.Select(Event("Daily standup"), isPlanned: true));
        Assert.Null(selection.Select(Event("Lunch"), isPlanned: true));
    }

    [Fact]
    public void A_plan_that_decides_is_not_trusted_for_resources_that_were_read_by_name()
    {
        var selection = Query(Events);
        Assert.True(selection.IsDecidedByPlan);
        var task = Entry("BEGIN:VTODO\r\nUID:t\r\nDTSTAMP:20261001T000000Z\r\nSUMMARY:Buy milk\r\nEND:VTODO\r\n");
        Assert.NotNull(selection.Select(task, isPlanned: true));
        Assert.Null(selection.Select(task, isPlanned: false));
        Assert.NotNull(selection.Select(Event("Lunch"), isPlanned: false));
    }

    [Fact]
    public void An_unreadable_resource_is_always_included()
    {
        var unreadable = Event("Lunch") with { Body = default, IsUnreadable = true };
        Assert.Same(unreadable, Query(Standups).Select(unreadable, isPlanned: true));
    }

    [Theory]
    [InlineData("Europe/Berlin", true)]
    [InlineData(null, false)]
    [InlineData("no zone at all", false)]
    public void Floating_times_are_in_the_time_zone_of_the_calendar(string? zone, bool isFound)
    {
        var selection = Query(Standups, "<C:calendar-data><C:expand start='20270103T080000Z' end='20270103T083000Z'/></C:calendar-data>", zone);
        var body = Encoding.UTF8.GetString(selection.Select(Event("standup", "RRULE:FREQ=DAILY"), isPlanned: true)!.Body.Span);
        Assert.Equal(isFound, body.Contains("DTSTART:20270103T090000", StringComparison.Ordinal));
        Assert.DoesNotContain("DTSTART:20270102", body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_multiget_selects_everything_and_an_address_book_its_version()
    {
        Assert.NotNull(Parse("<C:calendar-multiget xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><C:calendar-data/></D:prop></C:calendar-multiget>").Select(Event("Lunch"), isPlanned: false));
        var contacts = Parse("<A:addressbook-multiget xmlns:A='urn:ietf:params:xml:ns:carddav' xmlns:D='DAV:'><D:prop><A:address-data content-type='text/vcard' version='4.0'/></D:prop></A:addressbook-multiget>");
        var card = Entry("") with { Body = Encoding.UTF8.GetBytes("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nFN:Ann\r\nN:;Ann;;;\r\nEND:VCARD\r\n") };
        Assert.Contains("VERSION:4.0", Encoding.UTF8.GetString(contacts.Select(card, isPlanned: false)!.Body.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<D:sync-collection xmlns:D='DAV:'/>", "supported-report")]
    [InlineData("<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav'/>", "valid-filter")]
    public void A_report_that_is_none_is_refused(string report, string condition) =>
        Assert.Equal(condition, Assert.Throws<DavException>(() => Parse(report)).Condition!.LocalName);

    private static ReportSelection Query(string filter, string data = "<C:calendar-data/>", string? zone = null) => Parse(
        $"<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop>{data}</D:prop><C:filter>{filter}</C:filter></C:calendar-query>", zone);

    private static ReportSelection Parse(string report, string? zone = null) => ReportSelection.Parse(
        new CollectionRequest.Search(CollectionPath.HomeOf(CollectionSpace.Calendars).Child("a"), 0, Encoding.UTF8.GetBytes(report)) { FloatingZone = zone }, Limits.Default);

    private static ResourceEntry Event(string summary, string more = "") => Entry(
        $"BEGIN:VEVENT\r\nUID:e\r\nDTSTAMP:20261001T000000Z\r\nDTSTART:20270101T090000\r\nDURATION:PT1H\r\n{(more.Length > 0 ? more + "\r\n" : "")}SUMMARY:{summary}\r\nEND:VEVENT\r\n");

    private static ResourceEntry Entry(string component) => new()
    {
        Id = 1,
        Name = "a.ics",
        ETag = "e",
        Size = 1,
        ContentType = "text/calendar",
        Component = CalendarComponents.Event,
        Created = DateTimeOffset.UnixEpoch,
        Modified = DateTimeOffset.UnixEpoch,
        ModSeq = 1,
        Body = Encoding.UTF8.GetBytes($"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n{component}END:VCALENDAR\r\n"),
    };
}

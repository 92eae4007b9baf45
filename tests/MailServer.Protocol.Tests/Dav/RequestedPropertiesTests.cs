using System.Xml.Linq;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Requests;

namespace MailServer.Protocol.Tests.Dav;

/// <summary>The properties that a request asks for, in every body that names some.</summary>
public sealed class RequestedPropertiesTests
{
    private const string Names = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:A='urn:ietf:params:xml:ns:carddav'";
    private const string Filter = "<C:filter><C:comp-filter name='VCALENDAR'/></C:filter><A:filter/>";

    public static TheoryData<string> Roots =>
        ["D:propfind", "C:calendar-query", "C:calendar-multiget", "A:addressbook-query", "A:addressbook-multiget", "D:sync-collection", "D:principal-property-search"];

    [Theory]
    [MemberData(nameof(Roots))]
    public void A_body_that_asks_in_two_ways_is_malformed(string root)
    {
        const string prop = "<D:prop><D:displayname/></D:prop>";
        Assert.Null(Refusal(root, prop));
        foreach (var both in new[] { prop + prop, prop + "<D:allprop/>", "<D:propname/>" + prop, "<D:allprop/><D:propname/>" }) Assert.Equal(400, Refusal(root, both)?.Status);
    }

    [Fact]
    public void All_properties_and_their_names_are_selected_without_naming_them()
    {
        Assert.Null(RequestedProperties.Unnamed(Body("C:calendar-query", "<D:prop><D:owner/></D:prop>")));
        Assert.Null(RequestedProperties.Unnamed(Body("C:calendar-query", "")));
        Assert.True(RequestedProperties.Unnamed(Body("C:calendar-query", "<D:propname/>"))!.IncludesDeadProperties);
        var all = RequestedProperties.Unnamed(Body("A:addressbook-query", "<D:allprop/><D:include><D:owner/></D:include>"))!;
        Assert.True(all.Includes(XName.Get("getetag", "DAV:")));
        Assert.True(all.Includes(XName.Get("owner", "DAV:")));
    }

    [Theory]
    [InlineData("<C:comp name='VCALENDAR'/>", true)]
    [InlineData("<C:comp name='VCALENDAR'><C:prop name='VERSION'/></C:comp>", false)]
    public void An_object_without_any_part_is_the_whole_object(string component, bool isWhole) =>
        Assert.Equal(isWhole, CalendarDataXml.Parse(XElement.Parse($"<C:calendar-data {Names}>{component}</C:calendar-data>")).IsWhole);

    private static DavException? Refusal(string root, string properties)
    {
        var body = Body(root, properties + (root == "D:propfind" ? "" : Filter + "<D:property-search><D:prop><D:displayname/></D:prop><D:match>a</D:match></D:property-search>"));
        return Record.Exception(() => Parse(root, body)) as DavException;
    }

    private static object Parse(string root, XElement body) => root switch
    {
        "D:propfind" => PropFindRequest.Parse(body, minimal: false),
        "C:calendar-query" => CalendarQueryRequest.Parse(body),
        "C:calendar-multiget" or "A:addressbook-multiget" => MultigetRequest.Parse(body),
        "A:addressbook-query" => AddressBookQueryRequest.Parse(body),
        "D:sync-collection" => SyncCollectionRequest.Parse(body),
        _ => PrincipalSearchRequest.Parse(body),
    };

    private static XElement Body(string root, string content) => XElement.Parse($"<{root} {Names}>{content}</{root}>");
}

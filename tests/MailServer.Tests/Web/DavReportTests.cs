using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;

namespace MailServer.Tests.Web;

/// <summary>Reports and MKCALENDAR over HTTP where public testers of CalDAV and CardDAV found other answers than the RFCs give.</summary>
public sealed class DavReportTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Names = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:A='urn:ietf:params:xml:ns:carddav'";
    private const string Home = $"/dav/calendars/{TestNode.Ann}/";
    private const string Contacts = $"/dav/addressbooks/{TestNode.Ann}/contacts/";

    [Fact]
    public async Task A_report_can_ask_for_all_properties_or_their_names()
    {
        using var http = Client();
        const string event1 = Home + "calendar/all.ics";
        const string contact1 = Contacts + "all.vcf";
        await SendAsync(http, HttpStatusCode.Created, "PUT", event1, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:all\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "text/calendar");
        await SendAsync(http, HttpStatusCode.Created, "PUT", contact1, "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:all\r\nFN:x\r\nN:x;;;;\r\nEND:VCARD\r\n", "text/vcard");
        foreach (var (collection, member, report, rest) in new[]
        {
            (Home + "calendar/", event1, "C:calendar-query", "<C:filter><C:comp-filter name='VCALENDAR'/></C:filter>"),
            (Home + "calendar/", event1, "C:calendar-multiget", $"<D:href>{event1}</D:href>"),
            (Contacts, contact1, "A:addressbook-query", "<A:filter/>"),
            (Contacts, contact1, "A:addressbook-multiget", $"<D:href>{contact1}</D:href>"),
        })
        {
            var all = await SendAsync(http, HttpStatusCode.MultiStatus, "REPORT", collection, $"<{report} {Names}><D:allprop/>{rest}</{report}>");
            Assert.NotEqual("", PropertyOf(all, member, "getetag")?.Value);
            Assert.NotNull(PropertyOf(all, member, "getlastmodified"));
            var names = await SendAsync(http, HttpStatusCode.MultiStatus, "REPORT", collection, $"<{report} {Names}><D:propname/>{rest}</{report}>");
            Assert.Equal("", PropertyOf(names, member, "getetag")?.Value);
            Assert.Equal("", PropertyOf(names, member, "getlastmodified")?.Value);
        }
    }

    [Theory]
    [InlineData("D:acl-principal-prop-set", Home + "calendar/", "")]
    [InlineData("D:principal-match", "/dav/principals/", "<D:self/>")]
    public async Task A_report_about_principals_names_its_properties_once(string report, string url, string rest)
    {
        using var http = Client();
        const string prop = "<D:prop><D:displayname/></D:prop>";
        await SendAsync(http, HttpStatusCode.MultiStatus, "REPORT", url, $"<{report} {Names}>{rest}{prop}</{report}>");
        await SendAsync(http, HttpStatusCode.BadRequest, "REPORT", url, $"<{report} {Names}>{rest}{prop}{prop}</{report}>");
        if (rest.Length > 0) await SendAsync(http, HttpStatusCode.BadRequest, "REPORT", url, $"<{report} {Names}>{rest}<D:principal-property><D:owner/></D:principal-property>{prop}</{report}>");
    }

    [Fact]
    public async Task A_calendar_cannot_be_made_where_something_is()
    {
        using var http = Client();
        Assert.Contains("resource-must-be-null", (await SendAsync(http, HttpStatusCode.Forbidden, "MKCALENDAR", Home + "calendar/", "")).ToString(), StringComparison.Ordinal);
        await SendAsync(http, HttpStatusCode.MethodNotAllowed, "MKCALENDAR", "/dav/principals/", "");
        await SendAsync(http, HttpStatusCode.MethodNotAllowed, "MKCOL", Home + "calendar/", "");
    }

    [Fact]
    public async Task A_property_of_a_client_with_a_URL_is_expanded()
    {
        using var http = Client();
        await SendAsync(http, HttpStatusCode.MultiStatus, "PROPPATCH", Home, $"<D:propertyupdate {Names}><D:set><D:prop><X:of xmlns:X='x:'><D:href>{Home}calendar/</D:href></X:of><X:none xmlns:X='x:'>a</X:none></D:prop></D:set></D:propertyupdate>");
        const string nested = "<D:property name='resourcetype'/>";
        var expanded = await SendAsync(http, HttpStatusCode.MultiStatus, "REPORT", Home, $"<D:expand-property {Names}><D:property name='of' namespace='x:'>{nested}</D:property><D:property name='missing' namespace='x:'>{nested}</D:property></D:expand-property>");
        var inside = expanded.Descendants(XName.Get("of", "x:")).Single().Element(XName.Get("response", "DAV:"))!;
        Assert.Equal(Home + "calendar/", inside.Element(XName.Get("href", "DAV:"))!.Value);
        Assert.Single(inside.Descendants(XName.Get("calendar", "urn:ietf:params:xml:ns:caldav")));
        Assert.Contains("404", expanded.Descendants(XName.Get("missing", "x:")).Single().Parent!.Parent!.Element(XName.Get("status", "DAV:"))!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_calendar_of_somebody_else_or_without_events_cannot_be_the_default_one()
    {
        using var ann = Client();
        using var ben = Client(TestNode.Ben);
        const string home = $"/dav/calendars/{TestNode.Ben}/";
        await SendAsync(ann, HttpStatusCode.Created, "MKCALENDAR", Home + "given/", "");
        await SendAsync(ann, HttpStatusCode.OK, "POST", Home + "given/", $"<S:share xmlns:S='http://calendarserver.org/ns/' xmlns:D='DAV:'><S:set><D:href>mailto:{TestNode.Ben}</D:href><S:read-write/></S:set></S:share>", "application/davsharing+xml");
        await SendAsync(ben, HttpStatusCode.Created, "MKCALENDAR", home + "chores/", $"<C:mkcalendar {Names}><D:set><D:prop><C:supported-calendar-component-set><C:comp name='VTODO'/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>");
        var listed = await SendAsync(ben, HttpStatusCode.MultiStatus, "PROPFIND", home, $"<D:propfind {Names}><D:prop><D:resourcetype/></D:prop></D:propfind>");
        var given = listed.Descendants(XName.Get("href", "DAV:")).Single(href => href.Value.Contains("given", StringComparison.Ordinal)).Value;
        foreach (var url in new[] { given, home + "chores/", home + "inbox/", home + "missing/", Home + "calendar/" })
        {
            var set = $"<D:propertyupdate {Names}><D:set><D:prop><C:schedule-default-calendar-URL><D:href>{url}</D:href></C:schedule-default-calendar-URL></D:prop></D:set></D:propertyupdate>";
            Assert.Contains("valid-schedule-default-calendar-URL", (await SendAsync(ben, HttpStatusCode.MultiStatus, "PROPPATCH", home + "inbox/", set)).ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_attachment_outlives_a_client_that_does_not_know_its_parameters()
    {
        using var http = Client();
        const string url = Home + "calendar/attached-url.ics";
        const string start = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:attached-url\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\n";
        await SendAsync(http, HttpStatusCode.Created, "PUT", url, start + "END:VEVENT\r\nEND:VCALENDAR\r\n", "text/calendar");
        using var added = await http.PostAsync(url + "?action=attachment-add", new StringContent("hello"));
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var location = added.Headers.Location!;
        await SendAsync(http, HttpStatusCode.NoContent, "PUT", url, start + $"ATTACH:{location.OriginalString}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "text/calendar");
        Assert.Equal("hello", await http.GetStringAsync(location.AbsolutePath));
        await SendAsync(http, HttpStatusCode.NoContent, "PUT", url, start + "END:VEVENT\r\nEND:VCALENDAR\r\n", "text/calendar");
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(location.AbsolutePath)).StatusCode);
    }

    private static XElement? PropertyOf(XElement multistatus, string href, string name) => multistatus.Elements(XName.Get("response", "DAV:"))
        .Single(response => response.Element(XName.Get("href", "DAV:"))!.Value == href).Descendants(XName.Get(name, "DAV:")).SingleOrDefault();

    private static async Task<XElement> SendAsync(HttpClient http, HttpStatusCode expected, string method, string url, string body, string type = "text/xml")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        if (body.Length > 0) request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (method == "PROPFIND" || body.Contains("-query", StringComparison.Ordinal)) request.Headers.Add("Depth", "1");
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{method} {url}: {response.StatusCode} {text}");
        return text.Length == 0 ? new XElement("none") : XElement.Parse(text);
    }

    private HttpClient Client(string user = TestNode.Ann)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        var http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{node.Dav}") };
        http.DefaultRequestHeaders.Host = "mail.example.org";
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{TestNode.Password}")));
        return http;
    }
}

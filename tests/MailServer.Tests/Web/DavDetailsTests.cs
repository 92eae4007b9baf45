using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;

namespace MailServer.Tests.Web;

/// <summary>Details of CalDAV and CardDAV over HTTP, on one node.</summary>
public sealed class DavDetailsTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Home = $"/dav/calendars/{TestNode.Ann}/";
    private const string Calendar = Home + "calendar/";
    private const string Contacts = $"/dav/addressbooks/{TestNode.Ann}/contacts/";

    private static readonly string[] Collections =
    [
        "/dav/", "/dav/principals/", $"/dav/principals/{TestNode.Ann}/", Home, Calendar, Home + "inbox/", Home + "outbox/", $"/dav/addressbooks/{TestNode.Ann}/", Contacts,
        $"/dav/files/{TestNode.Ann}/", $"/dav/notifications/{TestNode.Ann}/",
    ];

    [Fact]
    public async Task A_refusal_says_in_a_sentence_what_is_wrong()
    {
        using var http = Client();
        foreach (var body in new[] { "nonsense", Event("x", "DTSTART:20260101T100000Z\r\nDTEND:20260101T090000Z"), Event("x", "DTSTART:20260101T100000Z\r\nSUMMARY:a\u0001b") })
        {
            var refused = await http.SendAsync(Request("PUT", Calendar + "refused.ics", Encoding.UTF8.GetBytes(body), "text/calendar"));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            var error = XElement.Parse(await refused.Content.ReadAsStringAsync());
            Assert.Equal(XName.Get("error", "DAV:"), error.Name);
            Assert.NotEqual("", error.Element(XName.Get("responsedescription", "DAV:"))!.Value);
        }
    }

    [Fact]
    public async Task A_compressed_request_is_understood_within_the_limit_of_its_size()
    {
        using var http = Client();
        var text = Encoding.UTF8.GetBytes(Event("gzip", "DTSTART:20260101T100000Z"));
        var put = Request("PUT", Calendar + "gzip.ics", Gzip(text), "text/calendar");
        put.Content!.Headers.ContentEncoding.Add("gzip");
        Assert.Equal(HttpStatusCode.Created, (await http.SendAsync(put)).StatusCode);
        Assert.Equal(text, await http.GetByteArrayAsync(Calendar + "gzip.ics"));

        // 100 KB that become more than any limit.
        foreach (var (method, url) in new[] { ("PUT", Calendar + "bomb.ics"), ("PUT", Contacts + "bomb.vcf"), ("PROPFIND", Calendar), ("REPORT", Calendar), ("POST", Calendar), ("PUT", $"/dav/files/{TestNode.Ann}/bomb") })
        {
            var bomb = Request(method, url, Gzip(new byte[Limits.Default.DavFile + 1]), "text/xml");
            bomb.Content!.Headers.ContentEncoding.Add("gzip");
            Assert.Contains((await http.SendAsync(bomb)).StatusCode, new[] { HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.Forbidden, HttpStatusCode.UnsupportedMediaType });
        }

        var broken = Request("PUT", Calendar + "broken.ics", [.. Gzip(text)[..10], .. Enumerable.Repeat((byte)0xFF, 40)], "text/calendar");
        broken.Content!.Headers.ContentEncoding.Add("gzip");
        Assert.Equal(HttpStatusCode.BadRequest, (await http.SendAsync(broken)).StatusCode);
    }

    [Fact]
    public async Task An_unknown_encoding_is_refused_by_every_listener()
    {
        foreach (var door in node.Doors.Where(static d => d.Name != "admin.sock"))
        {
            await using var raw = new RawHttp(door);
            foreach (var encoding in new[] { "br", "deflate", "gzip, gzip", "x" })
                Assert.Equal(415, (await raw.SendAsync("POST", "/", "mail.example.org", fields: ["Content-Encoding: " + encoding], body: "x"u8.ToArray())).Status);
        }
    }

    [Fact]
    public async Task Responses_are_compressed_and_pages_are_not()
    {
        using var http = Client();
        http.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip");
        Assert.Equal(HttpStatusCode.Created, (await http.SendAsync(Request("PUT", Calendar + "compressed.ics", Encoding.UTF8.GetBytes(Event("compressed", "DTSTART:20260101T100000Z")), "text/calendar"))).StatusCode);
        foreach (var (method, url) in new[] { ("PROPFIND", Calendar), ("GET", Calendar), ("GET", Calendar + "compressed.ics") })
        {
            var response = await http.SendAsync(Request(method, url, method == "GET" ? null : [], "text/xml"));
            Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
            await using var plain = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
            Assert.NotEqual("", await new StreamReader(plain).ReadToEndAsync());
        }

        using var page = Client(node.Admin, isSignedIn: false);
        page.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip, br");
        string[] allowed = ["application/xml", "text/calendar", "text/vcard", "text/css"];
        foreach (var (client, url) in PageEndpoint.PathsOf(PageListener.AdminPort).Where(p => p.Method == "GET").Select(p => (page, p.Path)).Concat(Collections.Append("/setup").Select(c => (http, c))))
        {
            using var response = await client.GetAsync(url);
            if (response.Content.Headers.ContentEncoding.Count > 0) Assert.Contains(response.Content.Headers.ContentType!.MediaType!, allowed);
        }
    }

    [Fact]
    public async Task A_contact_with_a_photo_of_ten_megabytes_fits_and_the_limit_is_announced()
    {
        using var http = Client();
        var card = Encoding.ASCII.GetBytes($"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:photo\r\nFN:x\r\nN:x;;;;\r\nPHOTO;ENCODING=b;TYPE=JPEG:{new string('A', 14 * 1024 * 1024)}\r\nEND:VCARD\r\n");
        Assert.Equal(HttpStatusCode.Created, (await http.SendAsync(Request("PUT", Contacts + "photo.vcf", card, "text/vcard"))).StatusCode);
        Assert.Equal(card.Length, (await http.GetByteArrayAsync(Contacts + "photo.vcf")).Length);
        var announced = await FindAsync(http, Contacts, 0, "<A:max-resource-size xmlns:A='urn:ietf:params:xml:ns:carddav'/>");
        Assert.Contains(Limits.Default.DavContact.ToString(CultureInfo.InvariantCulture), announced.ToString(), StringComparison.Ordinal);
        var larger = Request("PUT", Contacts + "larger.vcf", new byte[Limits.Default.DavContact + 1], "text/vcard");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(larger)).StatusCode);
        await http.DeleteAsync(Contacts + "photo.vcf");
    }

    [Fact]
    public async Task A_deleted_calendar_is_not_the_default_one_any_more()
    {
        using var http = Client(user: TestNode.Ben);
        const string home = $"/dav/calendars/{TestNode.Ben}/";
        const string property = "<C:schedule-default-calendar-URL xmlns:C='urn:ietf:params:xml:ns:caldav'/>";
        Assert.Contains(home + "calendar/", (await FindAsync(http, home + "inbox/", 0, property)).ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await http.SendAsync(Request("MKCALENDAR", home + "other/"))).StatusCode);
        var set = $"<D:propertyupdate xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:set><D:prop><C:schedule-default-calendar-URL><D:href>{home}other/</D:href></C:schedule-default-calendar-URL></D:prop></D:set></D:propertyupdate>";
        Assert.Equal(HttpStatusCode.MultiStatus, (await http.SendAsync(Request("PROPPATCH", home + "inbox/", Encoding.UTF8.GetBytes(set), "text/xml"))).StatusCode);
        foreach (var (depth, url) in new[] { (0, home + "inbox/"), (1, home) }) Assert.Contains(home + "other/</D:href></C:schedule-default-calendar-URL>", await ReadAsync(http, url, depth, property), StringComparison.Ordinal);
        await http.DeleteAsync(home + "other/");
        Assert.DoesNotContain("other/", await ReadAsync(http, home + "inbox/", 0, property), StringComparison.Ordinal);
        await http.DeleteAsync(home + "calendar/");
        Assert.DoesNotContain(home + "calendar/", await ReadAsync(http, home, 1, property), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_can_ask_for_the_members_without_the_collection()
    {
        using var http = Client();
        await http.SendAsync(Request("PUT", Calendar + "member.ics", Encoding.UTF8.GetBytes(Event("member", "DTSTART:20260101T100000Z")), "text/calendar"));
        foreach (var url in Collections)
        {
            var request = Request("PROPFIND", url, "<D:propfind xmlns:D='DAV:'><D:prop><D:resourcetype/></D:prop></D:propfind>"u8.ToArray(), "text/xml", ("Depth", "1"), ("Prefer", "return=minimal, depth-noroot"));
            var response = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.MultiStatus, response.StatusCode);
            Assert.Contains("depth-noroot", response.Headers.GetValues("Preference-Applied"));
            Assert.DoesNotContain(url, Hrefs(XElement.Parse(await response.Content.ReadAsStringAsync())));
        }
    }

    [Fact]
    public async Task A_query_of_the_home_searches_all_calendars_if_its_depth_is_infinite()
    {
        using var http = Client();
        await http.SendAsync(Request("MKCALENDAR", Home + "second/"));
        foreach (var url in new[] { Calendar + "home-1.ics", Home + "second/home-2.ics" })
            Assert.Equal(HttpStatusCode.Created, (await http.SendAsync(Request("PUT", url, Encoding.UTF8.GetBytes(Event("u" + url.GetHashCode(StringComparison.Ordinal), "DTSTART:20330101T100000Z")), "text/calendar"))).StatusCode);
        var query = "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:time-range start='20330101T000000Z' end='20330102T000000Z'/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"u8.ToArray();
        foreach (var (depth, expected) in new[] { ("0", Array.Empty<string>()), ("1", []), ("infinity", [Calendar + "home-1.ics", Home + "second/home-2.ics"]) })
        {
            var response = await http.SendAsync(Request("REPORT", Home, query, "text/xml", ("Depth", depth)));
            Assert.Equal(HttpStatusCode.MultiStatus, response.StatusCode);
            Assert.Equal(expected, Hrefs(XElement.Parse(await response.Content.ReadAsStringAsync())).Order(StringComparer.Ordinal));
        }

        Assert.Contains("calendar-query", await ReadAsync(http, Home, 0, "<D:supported-report-set/>"), StringComparison.Ordinal);
        Assert.DoesNotContain("calendar-query", await ReadAsync(http, $"/dav/addressbooks/{TestNode.Ann}/", 0, "<D:supported-report-set/>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_gets_a_page_about_every_collection()
    {
        using var http = Client();
        foreach (var url in Collections.Where(static c => c != Calendar))
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
            {
                var response = await http.SendAsync(new HttpRequestMessage(method, url));
                Assert.True(response.StatusCode == HttpStatusCode.OK, $"{method} {url}: {response.StatusCode}");
                Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
                Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
                var page = await response.Content.ReadAsStringAsync();
                Assert.Equal(method == HttpMethod.Get, page.Contains("<h1>", StringComparison.Ordinal));
                Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task The_location_of_a_new_attachment_is_the_URL_in_the_event()
    {
        using var http = Client();
        var start = "DTSTART;TZID=Europe/Berlin:20260101T100000\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:attached\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260102T100000\r\nDTSTART;TZID=Europe/Berlin:20260102T110000";
        Assert.Equal(HttpStatusCode.Created, (await http.SendAsync(Request("PUT", Calendar + "attached.ics", Encoding.UTF8.GetBytes(Event("attached", start)), "text/calendar"))).StatusCode);
        foreach (var (rid, parts) in new[] { ("", 2), ("&rid=M", 1), ("&rid=20260102T090000Z", 1), ("&rid=20260102T100000", 1), ("&rid=M,20260102T090000Z", 2), ("&rid=20260103T090000Z", 1) })
        {
            var added = await http.SendAsync(Request("POST", Calendar + "attached.ics?action=attachment-add" + rid, "hello"u8.ToArray(), "text/plain", ("Prefer", "return-representation")));
            Assert.Equal(HttpStatusCode.Created, added.StatusCode);
            var body = (await added.Content.ReadAsStringAsync()).Replace("\r\n ", "", StringComparison.Ordinal);
            Assert.Equal(parts, body.Split(':' + added.Headers.Location!.OriginalString).Length - 1);
            // The URL names the host of the server, which the test reaches under another address.
            var path = added.Headers.Location.AbsolutePath;
            Assert.Equal("hello", await http.GetStringAsync(path));
            var id = added.Headers.GetValues("Cal-Managed-ID").Single();
            Assert.Equal(HttpStatusCode.NoContent, (await http.SendAsync(Request("POST", $"{Calendar}attached.ics?action=attachment-remove&managed-id={id}", []))).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(path)).StatusCode);
        }

        foreach (var rid in new[] { "20260102T100000Z", "20260102", "20260104T090000Z", "x" })
            Assert.Contains("<C:valid-rid/>", await (await http.SendAsync(Request("POST", Calendar + "attached.ics?action=attachment-add&rid=" + rid, "x"u8.ToArray()))).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_is_shown_as_invited_until_the_invitation_is_answered()
    {
        using var ann = Client();
        using var ben = Client(user: TestNode.Ben);
        const string shared = Home + "shared/";
        const string notifications = $"/dav/notifications/{TestNode.Ben}/";
        const string invite = "<S:invite xmlns:S='http://calendarserver.org/ns/'/>";
        Assert.Equal(HttpStatusCode.Created, (await ann.SendAsync(Request("MKCALENDAR", shared))).StatusCode);
        var (empty, token) = await SynchroniseAsync(ben, notifications, "");
        Assert.Empty(empty);
        var share = $"<S:share xmlns:S='http://calendarserver.org/ns/' xmlns:D='DAV:'><S:set><D:href> MAILTO:{TestNode.Ben.Replace("@", "%40", StringComparison.Ordinal)} </D:href><S:summary>Ours</S:summary><S:read-write-schedule/></S:set></S:share>";
        Assert.Equal(HttpStatusCode.OK, (await ann.SendAsync(Request("POST", shared, Encoding.UTF8.GetBytes(share), "application/davsharing+xml"))).StatusCode);
        foreach (var (depth, url) in new[] { (0, shared), (1, Home) })
        {
            var asked = await ReadAsync(ann, url, depth, invite);
            Assert.Contains("invite-noresponse", asked, StringComparison.Ordinal);
            Assert.Contains("read-write", asked, StringComparison.Ordinal);
        }

        var (arrived, next) = await SynchroniseAsync(ben, notifications, token);
        var notification = XElement.Parse(await ben.GetStringAsync(Assert.Single(arrived).Href));
        var uid = notification.Descendants(XName.Get("uid", "http://calendarserver.org/ns/")).Single().Value;
        var accept = $"<S:invite-reply xmlns:S='http://calendarserver.org/ns/' xmlns:D='DAV:'><D:href>mailto:{TestNode.Ben}</D:href><S:invite-accepted/><S:hosturl><D:href>{shared}</D:href></S:hosturl><S:in-reply-to>{uid}</S:in-reply-to></S:invite-reply>";
        Assert.Equal(HttpStatusCode.OK, (await ben.SendAsync(Request("POST", $"/dav/calendars/{TestNode.Ben}/", Encoding.UTF8.GetBytes(accept), "text/xml"))).StatusCode);
        Assert.Contains("invite-accepted", await ReadAsync(ann, shared, 0, invite), StringComparison.Ordinal);
        // Other access needs no other answer.
        await ShareAsync(ann, shared, $"<S:set><D:href>mailto:{TestNode.Ben}</D:href><S:summary>Ours</S:summary><S:read/></S:set>");
        var changed = await ReadAsync(ann, shared, 0, invite);
        Assert.Contains("invite-accepted", changed, StringComparison.Ordinal);
        Assert.DoesNotContain("read-write", changed, StringComparison.Ordinal);
        var (answered, _) = await SynchroniseAsync(ben, notifications, next);
        Assert.Equal((arrived[0].Href, true), Assert.Single(answered));
        Assert.Equal(HttpStatusCode.Forbidden, (await ben.SendAsync(Request("REPORT", notifications, Encoding.UTF8.GetBytes(SyncBody("data:,other")), "text/xml"))).StatusCode);
        Assert.Contains("sync-collection", await ReadAsync(ben, notifications, 0, "<D:supported-report-set/>"), StringComparison.Ordinal);
        await ann.DeleteAsync(shared);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Owner_and_guest_are_told_what_the_other_did(bool accepts)
    {
        using var ann = Client();
        using var ben = Client(user: TestNode.Ben);
        var shared = $"{Home}told-{accepts}/";
        var (owners, guests) = ($"/dav/notifications/{TestNode.Ann}/", $"/dav/notifications/{TestNode.Ben}/");
        Assert.Equal(HttpStatusCode.Created, (await ann.SendAsync(Request("MKCALENDAR", shared))).StatusCode);
        await ShareAsync(ann, shared, $"<S:set><D:href>mailto:{TestNode.Ben}</D:href><S:summary>Ours</S:summary><S:read/></S:set>");
        var (_, before) = await SynchroniseAsync(ann, owners, "");
        var answer = accepts ? "accepted" : "declined";
        var reply = $"<S:invite-reply xmlns:S='http://calendarserver.org/ns/' xmlns:D='DAV:'><D:href>mailto:{TestNode.Ben}</D:href><S:invite-{answer}/><S:hosturl><D:href>{shared}</D:href></S:hosturl></S:invite-reply>";
        await ben.SendAsync(Request("POST", $"/dav/calendars/{TestNode.Ben}/", Encoding.UTF8.GetBytes(reply), "text/xml"));

        var told = Assert.Single((await SynchroniseAsync(ann, owners, before)).Changes);
        var notice = await ann.GetStringAsync(told.Href);
        foreach (var part in (string[])["<S:invite-reply shared-type=\"calendar\">", $"mailto:{TestNode.Ben}", $"invite-{answer}", shared, "in-reply-to", "Ours"]) Assert.Contains(part, notice, StringComparison.Ordinal);
        Assert.Contains("<S:invite-reply shared-type=\"calendar\"/>", await ReadAsync(ann, told.Href, 0, "<S:notificationtype xmlns:S='http://calendarserver.org/ns/'/>"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.DeleteAsync(told.Href)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ann.GetAsync(told.Href)).StatusCode);

        // The owner ends the share of a guest, or deletes the calendar: a guest who declined hears of neither.
        var (_, next) = await SynchroniseAsync(ben, guests, "");
        if (accepts) await ShareAsync(ann, shared, $"<S:remove><D:href>mailto:{TestNode.Ben}</D:href></S:remove>");
        Assert.Equal(HttpStatusCode.NoContent, (await ann.DeleteAsync(shared)).StatusCode);
        var ended = (await SynchroniseAsync(ben, guests, next)).Changes;
        Assert.Equal(accepts ? 1 : 0, ended.Count);
        foreach (var (href, _) in ended)
        {
            notice = await ben.GetStringAsync(href);
            foreach (var part in (string[])["<S:invite-notification shared-type=\"calendar\">", "<S:invite-deleted/>", shared, TestNode.Ann, "Ours"]) Assert.Contains(part, notice, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.NoContent, (await ben.DeleteAsync(href)).StatusCode);
        }
    }

    [Fact]
    public async Task A_shared_calendar_that_its_owner_deletes_leaves_the_home_of_the_guest()
    {
        using var ann = Client();
        using var ben = Client(user: TestNode.Ben);
        const string shared = Home + "deleted/";
        const string guests = $"/dav/notifications/{TestNode.Ben}/";
        Assert.Equal(HttpStatusCode.Created, (await ann.SendAsync(Request("MKCALENDAR", shared))).StatusCode);
        await ShareAsync(ann, shared, $"<S:set><D:href>mailto:{TestNode.Ben}</D:href><S:read/></S:set>");
        Assert.Contains("deleted-", await ReadAsync(ben, $"/dav/calendars/{TestNode.Ben}/", 1, "<D:displayname/>"), StringComparison.Ordinal);
        var (_, token) = await SynchroniseAsync(ben, guests, "");
        Assert.Equal(HttpStatusCode.NoContent, (await ann.DeleteAsync(shared)).StatusCode);
        Assert.DoesNotContain("deleted-", await ReadAsync(ben, $"/dav/calendars/{TestNode.Ben}/", 1, "<D:displayname/>"), StringComparison.Ordinal);
        // The invitation is replaced by a notice.
        var changes = (await SynchroniseAsync(ben, guests, token)).Changes;
        Assert.Equal([false, true], changes.Select(static c => c.IsGone));
        Assert.Contains("invite-deleted", await ben.GetStringAsync(changes[0].Href), StringComparison.Ordinal);
        await ben.DeleteAsync(changes[0].Href);
    }

    private static async Task ShareAsync(HttpClient owner, string collection, string changes)
    {
        var share = $"<S:share xmlns:S='http://calendarserver.org/ns/' xmlns:D='DAV:'>{changes}</S:share>";
        Assert.Equal(HttpStatusCode.OK, (await owner.SendAsync(Request("POST", collection, Encoding.UTF8.GetBytes(share), "application/davsharing+xml"))).StatusCode);
    }

    private static string SyncBody(string token) =>
        $"<D:sync-collection xmlns:D='DAV:'><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>";

    /// <summary>The changed members of a collection, each with whether it is gone, and the next token.</summary>
    private static async Task<(List<(string Href, bool IsGone)> Changes, string Token)> SynchroniseAsync(HttpClient http, string url, string token)
    {
        var response = await http.SendAsync(Request("REPORT", url, Encoding.UTF8.GetBytes(SyncBody(token)), "text/xml", ("Depth", "1")));
        var status = XElement.Parse(await response.Content.ReadAsStringAsync());
        var changes = status.Elements(XName.Get("response", "DAV:"))
            .Select(r => (r.Element(XName.Get("href", "DAV:"))!.Value, r.Element(XName.Get("status", "DAV:"))?.Value.Contains("404", StringComparison.Ordinal) == true)).ToList();
        return (changes, status.Element(XName.Get("sync-token", "DAV:"))!.Value);
    }

    [Fact]
    public async Task A_free_busy_reply_has_CRLF_throughout()
    {
        using var http = Client();
        var question = $"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nMETHOD:REQUEST\nBEGIN:VFREEBUSY\nUID:1\nDTSTAMP:20260101T000000Z\nDTSTART:20260101T000000Z\nDTEND:20260102T000000Z\nORGANIZER:mailto:{TestNode.Ann}\nATTENDEE:mailto:{TestNode.Ben}\nEND:VFREEBUSY\nEND:VCALENDAR\n";
        var response = await http.SendAsync(Request("POST", Home + "outbox/", Encoding.UTF8.GetBytes(question), "text/calendar"));
        var answer = (await response.Content.ReadAsStringAsync()).Split("BEGIN:VCALENDAR")[1].Split("END:VCALENDAR")[0].Replace("&#13;", "\r", StringComparison.Ordinal);
        Assert.Equal(answer.Split("\r\n").Length, answer.Split('\n').Length);
    }

    [Fact]
    public async Task Inbox_and_outbox_are_not_listed_among_the_calendars()
    {
        var listed = await node.CliAsync("dav", "list", TestNode.Ann, "--json");
        Assert.Contains("\"calendar\"", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("inbox", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("outbox", listed, StringComparison.Ordinal);
        await node.Commands.FailedAsync(1, "dav", "share", TestNode.Ann, "inbox", "--with", TestNode.Ben);
    }

    private static string Event(string uid, string lines) =>
        $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    private static byte[] Gzip(byte[] octets)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(octets);
        return packed.ToArray();
    }

    private static HttpRequestMessage Request(string method, string url, byte[]? body = null, string type = "text/plain", params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        foreach (var (name, value) in fields) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static IEnumerable<string> Hrefs(XElement multistatus) => multistatus.Elements(XName.Get("response", "DAV:")).Select(r => r.Element(XName.Get("href", "DAV:"))!.Value);

    private static async Task<string> ReadAsync(HttpClient http, string url, int depth, string property)
    {
        var body = Encoding.UTF8.GetBytes($"<D:propfind xmlns:D='DAV:'><D:prop>{property}</D:prop></D:propfind>");
        return await (await http.SendAsync(Request("PROPFIND", url, body, "text/xml", ("Depth", depth.ToString(CultureInfo.InvariantCulture))))).Content.ReadAsStringAsync();
    }

    private static async Task<XElement> FindAsync(HttpClient http, string url, int depth, string property) => XElement.Parse(await ReadAsync(http, url, depth, property));

    private HttpClient Client(int? port = null, string user = TestNode.Ann, bool isSignedIn = true)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        var http = new HttpClient(handler) { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port ?? node.Dav}")) };
        http.DefaultRequestHeaders.Host = "mail.example.org";
        if (isSignedIn) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{TestNode.Password}")));
        return http;
    }
}

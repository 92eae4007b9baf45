using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;
using MailServer.EndToEnd.Tests.ExternalClients;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>Invalid requests: each is refused with its precondition, in bounded time, and has no effect.</summary>
public sealed class DavBadInputTests(SharedServer shared) : ExternalClientTest(shared)
{
    private const string Begin = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n";
    private const string End = "END:VCALENDAR\r\n";
    private const string ToFebruary31 = "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20270231T100000Z\r\nEND:VEVENT\r\n";
    private const string NoUid = "BEGIN:VEVENT\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20270201T100000Z\r\nEND:VEVENT\r\n";
    private const string BadRule = "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20270201T100000Z\r\nRRULE:FREQ=SOMETIMES\r\nEND:VEVENT\r\n";
    private const string One = "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20270201T100000Z\r\nEND:VEVENT\r\n";
    private const string Two = "BEGIN:VEVENT\r\nUID:b\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20270201T100000Z\r\nEND:VEVENT\r\n";
    private const string Task = "BEGIN:VTODO\r\nUID:b\r\nDTSTAMP:20261101T000000Z\r\nEND:VTODO\r\n";
    private static readonly XNamespace Dav = "DAV:";

    private string Url => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Server.Ports.Dav}");

    [Theory]
    [InlineData("not a calendar", "valid-calendar-data")]
    [InlineData(Begin + ToFebruary31 + End, "valid-calendar-data")]
    [InlineData(Begin + BadRule + End, "valid-calendar-data")]
    [InlineData(Begin + One, "valid-calendar-data")]
    [InlineData(Begin + End, "valid-calendar-object-resource")]
    [InlineData(Begin + NoUid + End, "valid-calendar-object-resource")]
    [InlineData(Begin + One + Two + End, "valid-calendar-object-resource")]
    [InlineData(Begin + One + Task + End, "valid-calendar-object-resource")]
    [InlineData(Begin + "METHOD:PUBLISH\r\n" + One + End, "valid-calendar-object-resource")]
    public async Task An_invalid_event_is_refused_with_its_precondition_and_not_stored(string body, string precondition)
    {
        using var client = new DavClient(Server, User);
        await AssertRefusedAsync(client, client.Calendar, "a.ics", body, "text/calendar", XName.Get(precondition, "urn:ietf:params:xml:ns:caldav"));
    }

    [Theory]
    [InlineData("not a card")]
    [InlineData("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nFN:a\r\n")]
    [InlineData("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nFN:a\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nUID:b\r\nFN:b\r\nEND:VCARD\r\n")]
    [InlineData(Begin + One + End)]
    public async Task An_invalid_contact_is_refused_with_its_precondition_and_not_stored(string body)
    {
        using var client = new DavClient(Server, User);
        await AssertRefusedAsync(client, client.Contacts, "a.vcf", body, "text/vcard", XName.Get("valid-address-data", "urn:ietf:params:xml:ns:carddav"));
    }

    [Fact]
    public async Task An_event_with_a_billion_instances_is_answered_in_bounded_time()
    {
        using var client = new DavClient(Server, User);
        (await client.PutAsync(client.Calendar + "rare.ics", DavClient.Event("rare"))).Is(201);
        var watch = Stopwatch.StartNew();
        var counted = await client.PutAsync(client.Calendar + "counted.ics", DavClient.Event("counted", "RRULE:FREQ=SECONDLY;COUNT=1000000000\r\n"));
        Assert.Contains("max-instances", counted.Is(403).Body, StringComparison.Ordinal);
        (await client.GetAsync(client.Calendar + "counted.ics")).Is(404);

        // Equally many without COUNT: a rule that ends far in the future, and an endless one.
        (await client.PutAsync(client.Calendar + "many.ics", DavClient.Event("many", "RRULE:FREQ=SECONDLY;UNTIL=20581001T000000Z\r\n"))).Is(201);
        (await client.PutAsync(client.Calendar + "endless.ics", DavClient.Event("endless", "RRULE:FREQ=SECONDLY\r\n"))).Is(201);
        string[] data = ["", "<C:expand start='20270101T000000Z' end='20370101T000000Z'/>", "<C:limit-recurrence-set start='20270101T000000Z' end='20370101T000000Z'/>"];
        foreach (var part in data)
        {
            var query = $"<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><C:calendar-data>{part}</C:calendar-data></D:prop><C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:time-range start='20350101T000000Z' end='20350102T000000Z'/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>";
            AssertBounded(await client.SendAsync("REPORT", client.Calendar, query, ("Depth", "1")));
        }

        const string busy = "<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'><C:time-range start='20270101T000000Z' end='20370101T000000Z'/></C:free-busy-query>";
        AssertBounded(await client.SendAsync("REPORT", client.Calendar, busy, ("Depth", "1")));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        (await client.GetAsync(client.Calendar + "rare.ics")).Is(200);
    }

    [Fact]
    public async Task A_property_of_a_megabyte_is_refused_and_the_old_one_stays()
    {
        using var client = new DavClient(Server, User);
        (await client.SendAsync("PROPPATCH", client.Calendar, Update("Before"))).Is(207);
        var reply = await client.SendAsync("PROPPATCH", client.Calendar, Update(new string('x', 1024 * 1024)));
        Assert.Contains("507", reply.Status == System.Net.HttpStatusCode.MultiStatus ? reply.Body : ((int)reply.Status).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Before", (await client.PropFindAsync(client.Calendar, 0, "D:displayname")).Is(207).Xml.Descendants(Dav + "displayname").Single().Value);

        static string Update(string name) => $"<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname>{name}</D:displayname></D:prop></D:set></D:propertyupdate>";
    }

    [ClientFact("curl")]
    public async Task A_body_of_100_megabytes_is_refused_before_it_is_read_completely()
    {
        var file = Configure("large", "");
        await using (var large = File.OpenWrite(file)) large.SetLength(100 * 1024 * 1024);
        using var client = new DavClient(Server, User);
        foreach (var (method, url) in new[] { ("PUT", client.Calendar + "large.ics"), ("PUT", client.Contacts + "large.vcf"), ("PROPFIND", client.Calendar), ("REPORT", client.Calendar), ("PROPPATCH", client.Calendar), ("MKCALENDAR", $"/dav/calendars/{User}/large/") })
            foreach (var framing in new[] { "X-Framing: length", "Transfer-Encoding: chunked" })
            {
                var run = await CurlAsync("-X", method, "-T", file, "-H", framing, "-H", "Depth: 0", "-o", "/dev/null", "-w", "%{http_code} %{size_upload}", Url + url);
                var (status, sent) = (run.Output.Split(' ')[0], long.Parse(run.Output.Split(' ')[1], CultureInfo.InvariantCulture));
                Assert.Contains(status, new[] { "403", "413" });
                Assert.InRange(sent, 0, 50 * 1024 * 1024);
            }

        (await client.GetAsync(client.Calendar + "large.ics")).Is(404);
        (await client.GetAsync(client.Contacts + "large.vcf")).Is(404);
    }

    [ClientFact("curl")]
    public async Task No_spelling_of_the_URL_of_another_account_shows_its_content()
    {
        var other = await Server.AddUserAsync("other");
        using var owner = new DavClient(Server, other);
        using var client = new DavClient(Server, User);
        (await owner.PutAsync(owner.Calendar + "a.ics", DavClient.Event("secret"))).Is(201);
        var secret = owner.Calendar + "a.ics";
        foreach (var path in new[] { secret, $"/dav/calendars/{User}/../{other}/calendar/a.ics", $"/dav/calendars/{User}/%2e%2e/{other}/calendar/a.ics", $"/dav/calendars/{User}/..%2f{other}/calendar/a.ics", $"/dav/calendars/{User}/calendar/..%5c..%5c..%5c{other}%5ccalendar%5ca.ics", $"/dav//calendars/{other}/calendar/a.ics", $"/dav/calendars/{other.ToUpperInvariant()}/calendar/a.ics", "/dav/../../../../../../etc/passwd", $"/dav/files/{User}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd" })
        {
            var run = await CurlAsync("--path-as-is", "-w", "\n%{http_code}", Url + path);
            Assert.Contains(run.Output.Split('\n')[^1], new[] { "400", "403", "404" });
            Assert.DoesNotContain("secret", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("root:", run.Output, StringComparison.Ordinal);
        }

        foreach (var href in new[] { secret, Url + secret, $"../../{other}/calendar/a.ics" })
        {
            var multiget = $"<C:calendar-multiget xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>{href}</D:href></C:calendar-multiget>";
            var reply = await client.SendAsync("REPORT", client.Calendar, multiget, ("Depth", "1"));
            Assert.DoesNotContain("secret", reply.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("getetag>\"", reply.Body, StringComparison.Ordinal);
        }
    }

    [ClientFact("curl")]
    public async Task A_NUL_octet_in_a_path_is_refused()
    {
        using var client = new DavClient(Server, User);
        (await client.PutAsync(client.Calendar + "a.ics", DavClient.Event("a"))).Is(201);
        foreach (var path in new[] { client.Calendar + "a.ics%00", client.Calendar + "a.ics%00.vcf", $"/dav/files/{User}/%00", $"/dav/calendars/{User}%00/calendar/", "/%00" })
            foreach (var method in new[] { "GET", "PUT", "PROPFIND", "DELETE" })
            {
                // Over HTTP/2 the stream is reset instead, before our code sees the request.
                var run = await CurlAsync("--http1.1", "-X", method, "-d", "x", "-o", "/dev/null", "-w", "%{http_code}", Url + path);
                Assert.Contains(run.Output, new[] { "400", "403", "404" });
            }

        (await client.GetAsync(client.Calendar + "a.ics")).Is(200);
    }

    private static void AssertBounded(DavReply reply)
    {
        Assert.Contains((int)reply.Status, new[] { 200, 207, 403, 507 });
        Assert.InRange(reply.Body.Length, 1, 16 * 1024 * 1024);
    }

    private static async Task AssertRefusedAsync(DavClient client, string collection, string name, string body, string type, XName precondition)
    {
        var before = (await client.PropFindAsync(collection, 0, "D:sync-token")).Is(207).Body;
        var refused = (await client.PutAsync(collection + name, body, ("Content-Type", type))).Is(403);
        Assert.Equal(precondition, refused.Xml.Elements().First().Name);
        (await client.GetAsync(collection + name)).Is(404);
        Assert.Equal(before, (await client.PropFindAsync(collection, 0, "D:sync-token")).Body);
    }

    private Task<ProgramRun> CurlAsync(params string[] arguments) => RunAsync("curl", ["-sSk", "--user", $"{User}:{ServerProcess.Password}", .. arguments]);
}

using System.Collections.Concurrent;
using System.Text;
using MailServer.Web.Dav.Methods;
using MailServer.Web.Listeners;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;
using Microsoft.AspNetCore.Routing;
using Xunit.Abstractions;

namespace MailServer.Tests.Web;

/// <summary>
/// Every public endpoint × unusual queries, header fields and bodies: the response is never 500, and the server logs no
/// error.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class EndpointInputTests(TestNode node, ITestOutputHelper output) : IClassFixture<TestNode>
{
    private const string Name = "mail.example.org";
    private const int ThirtyMegabytes = 30 * 1024 * 1024;

    private static readonly string[] Values =
    [
        "", "a%EF%BF%BEb@example.org", "a%EF%BF%BFb@example.org", "%EF%B7%90@example.org", "%ED%A0%80@example.org", "%F0%9F%BF%BE@example.org", "%00@example.org",
        "%0D%0A@example.org", "%22%01%22@example.org", "%22a%5C%22b%22@example.org", "%22%20%22@example.org", "a@b@example.org", "%40example.org", "a@%EF%BF%BE.org", "a@xn--0.org",
        "a@[127.0.0.1]", "a@.", "%FF%FE", "%C0%AF", "%", "%zz", "%E2%80%AE@example.org", "%F0%9F%98%80%F0%9F%98%80@example.org", "-1", "9999999999999999999999", "NaN",
        new string('a', 64) + "@example.org", new string('a', 7_000), string.Concat(Enumerable.Repeat("%F0%9F%98%80", 48)) + "@example.org", "%3Cscript%3E@example.org", "%C2%85@example.org",
    ];

    private static readonly string[] Fields =
    [
        "Content-Type: ", "Content-Type: x", "Content-Type: text/xml; charset=x", "Content-Type: text/xml; charset=utf-7", "Content-Type: multipart/form-data", "Content-Type: multipart/form-data; boundary=",
        "Content-Type: multipart/form-data; boundary=x", "Content-Type: application/x-www-form-urlencoded; charset=utf-32", "Content-Encoding: gzip", "Depth: x", "Depth: -1", "Depth: 999999999999", "Timeout: Second-99999999999999999999",
        "Timeout: Infinite, x", "If: (", "If: (<>)", "If: (Not)", "If: ([\"])", "If: <http://[> (<x>)", "If: ()", "Lock-Token: <", "Lock-Token: <>", "Lock-Token: <\u00ff>", "Destination: http://[", "Destination: /%", "Destination: //", "Destination: \u00ff",
        "Destination: /dav/files/ann@example.org/%EF%BF%BE", "Destination: /dav/files/ann@example.org/%00", "Overwrite: x", "If-Match: \"", "If-Match: ,", "If-None-Match: W/", "If-Schedule-Tag-Match: \"", "If-Modified-Since: x", "Range: bytes=-", "Range: bytes=9-1",
        "Prefer: =;,", "Brief: x", "Accept: ;q=x", "Accept-Encoding: ;q=9", "Cookie: session=\"; visit=\u00ff", "Cookie: =;==;", "Expect: 100-continue", "Sec-Fetch-Site: x", "X-Forwarded-Proto: x", "Schedule-Reply: x", "Push-Dont-Notify: \"", "CalDAV-Timezones: x",
        "Content-Disposition: attachment; filename*=x''%", "Content-Range: bytes x", "User-Agent: \u0001\u00ff", "Authorization: Basic", "Authorization: Basic !", "Authorization: Basic Og==", "Authorization: Basic //4=", "Authorization: Basic 77++OnB3", "Authorization: Bearer x", "Origin: null",
    ];

    private static readonly string[] Targets =
    [
        "/", "/dav/", "/dav/x", "/dav/principals/", $"/dav/principals/{TestNode.Ann}/", $"/dav/calendars/{TestNode.Ann}/", $"/dav/calendars/{TestNode.Ann}/calendar/", $"/dav/calendars/{TestNode.Ann}/calendar/x.ics",
        $"/dav/calendars/{TestNode.Ann}/inbox/", $"/dav/calendars/{TestNode.Ann}/outbox/", $"/dav/addressbooks/{TestNode.Ann}/contacts/", $"/dav/addressbooks/{TestNode.Ann}/contacts/x.vcf", $"/dav/files/{TestNode.Ann}/", $"/dav/files/{TestNode.Ann}/%EF%BF%BE",
        $"/dav/files/{TestNode.Ann}/%00", $"/dav/files/{TestNode.Ann}/%ED%A0%80", $"/dav/notifications/{TestNode.Ann}/", $"/dav/notifications/{TestNode.Ann}/x", $"/dav/subscriptions/{TestNode.Ann}/x", $"/dav/attachments/{TestNode.Ann}/x/y", $"/dav/calendars/{TestNode.Ben}/calendar/", "/ics/x.ics", "/ics/%EF%BF%BE",
    ];

    private static readonly (string Name, string Type, byte[] Octets)[] Bodies =
    [
        ("nothing", "text/xml", []),
        ("no XML", "text/xml", "<"u8.ToArray()),
        ("octets", "text/xml", [0xff, 0xfe, 0x00, 0xd8, 0x00]),
        ("an entity bomb", "text/xml", "<!DOCTYPE a [<!ENTITY b 'bbbbbbbb'><!ENTITY c '&b;&b;&b;&b;'>]><a>&c;</a>"u8.ToArray()),
        ("an external entity", "text/xml", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>"u8.ToArray()),
        ("a reference to U+FFFE", "text/xml", "<a>&#xFFFE;</a>"u8.ToArray()),
        ("deep XML", "text/xml", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<a>", 20_000)))),
        ("an unknown encoding", "text/xml", "<?xml version='1.0' encoding='x'?><a/>"u8.ToArray()),
        ("UTF-16", "text/xml", [0xff, 0xfe, .. Encoding.Unicode.GetBytes("<a/>")]),
        ("an address with an element in it", "text/xml", "<Autodiscover><Request><EMailAddress><x/></EMailAddress></Request></Autodiscover>"u8.ToArray()),
        ("an address with U+FFFE", "text/xml", "<Autodiscover><Request><EMailAddress>a\uFFFEb@example.org</EMailAddress></Request></Autodiscover>"u8.ToArray()),
        ("an address of quotes", "text/xml", "<Autodiscover><Request><EMailAddress>\"&#9; \"@example.org</EMailAddress></Request></Autodiscover>"u8.ToArray()),
        ("another root", "text/xml", "<D:x xmlns:D='DAV:'/>"u8.ToArray()),
        ("an empty propfind", "text/xml", "<D:propfind xmlns:D='DAV:'/>"u8.ToArray()),
        ("a property without a namespace", "text/xml", "<D:propfind xmlns:D='DAV:'><D:prop><x xmlns=''/></D:prop></D:propfind>"u8.ToArray()),
        ("an update", "text/xml", "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname><x/></D:displayname><D:getetag>x</D:getetag></D:prop></D:set></D:propertyupdate>"u8.ToArray()),
        ("a lock", "text/xml", "<D:lockinfo xmlns:D='DAV:'><D:lockscope/><D:locktype/></D:lockinfo>"u8.ToArray()),
        ("a query", "text/xml", "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:time-range start='x' end='99999999T999999Z'/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"u8.ToArray()),
        ("a range of all time", "text/xml", "<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'><C:time-range start='00010101T000000Z' end='99991231T235959Z'/></C:free-busy-query>"u8.ToArray()),
        ("a multiget", "text/xml", "<C:calendar-multiget xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:href>http://[</D:href><D:href>%</D:href><D:href/></C:calendar-multiget>"u8.ToArray()),
        ("a synchronisation", "text/xml", "<D:sync-collection xmlns:D='DAV:'><D:sync-token>urn:x:99999999999999999999</D:sync-token><D:limit><D:nresults>-1</D:nresults></D:limit></D:sync-collection>"u8.ToArray()),
        ("an ACL", "text/xml", "<D:acl xmlns:D='DAV:'><D:ace><D:principal><D:href>http://[</D:href></D:principal><D:grant><D:privilege/></D:grant></D:ace></D:acl>"u8.ToArray()),
        ("a share", "text/xml", "<CS:share xmlns:CS='http://calendarserver.org/ns/'><CS:set><D:href xmlns:D='DAV:'>mailto:%EF%BF%BE</D:href></CS:set></CS:share>"u8.ToArray()),
        ("a registration", "text/xml", "<P:push-register xmlns:P='https://bitfire.at/webdav-push'><P:subscription><P:web-push-subscription><P:push-resource>x</P:push-resource></P:web-push-subscription></P:subscription></P:push-register>"u8.ToArray()),
        ("a broken event", "text/calendar", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:99999999\r\nRRULE:FREQ=SECONDLY;INTERVAL=0\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"u8.ToArray()),
        ("an event with U+FFFE", "text/calendar", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\uFFFE\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nSUMMARY:a\uFFFEb\r\nATTENDEE:mailto:x\uFFFE@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"u8.ToArray()),
        ("a broken card", "text/vcard", "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:a\uFFFEb\r\nUID:\u0001\r\nBDAY:99999999\r\nEND:VCARD\r\n"u8.ToArray()),
        ("a form", "application/x-www-form-urlencoded", "address=a%EF%BF%BEb%40example.org&password=%00&token=%EF%BF%BE&code=%ED%A0%80&typed=x&id=99999999999999999999&name=%"u8.ToArray()),
        ("a form of many fields", "application/x-www-form-urlencoded", Encoding.ASCII.GetBytes(string.Join('&', Enumerable.Range(0, 5_000).Select(i => $"f{i}=x")))),
        ("a form in parts", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"address\"; filename=\"\"\r\n\r\nx"u8.ToArray()),
        ("JSON", "application/json", "{\"x\":"u8.ToArray()),
    ];

    [Fact]
    public async Task No_query_field_or_body_makes_an_endpoint_answer_500()
    {
        var (cells, wrong) = (0, new ConcurrentQueue<string>());
        var endpoints = node.Doors.Where(d => d.Name is "admin port" or "dav port" or "http port").SelectMany(door => Public(door.Listener).Distinct().Select(e => (Door: door, e.Method, e.Path)));
        // Most requests wait for the disk; those in parallel share its flushes.
        await Parallel.ForEachAsync(endpoints, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (endpoint, _) =>
        {
            var (door, method, path) = endpoint;
            await using var http = new RawHttp(door);
            foreach (var (what, target, fields, body) in Inputs(path))
            {
                string[] all = [.. fields, .. door.Listener == WebListenerKind.Https && !fields.Any(f => f.StartsWith("Authorization", StringComparison.Ordinal)) ? [Basic] : Array.Empty<string>()];
                var answer = await http.SendAsync(method, target, Name, fields: all, body: body);
                Interlocked.Increment(ref cells);
                if (answer.Status is >= 500 and not 501 and not 505 and not 502 and not 507) wrong.Enqueue($"{door} {method} {target[..Math.Min(80, target.Length)]} with {what}: {answer.Status}");
            }
        });

        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Take(100)));
        Assert.True(node.Errors.Lines.IsEmpty, string.Join('\n', node.Errors.Lines.Take(20)));
        Assert.True(cells > 10_000, $"{cells} cells");
        output.WriteLine($"{cells} cells");
    }

    [Fact]
    public async Task A_body_of_30_megabytes_is_refused_or_accepted_by_every_endpoint_and_breaks_none()
    {
        var (cells, wrong) = (0, new List<string>());
        foreach (var door in node.Doors.Where(d => d.Name is "admin port" or "dav port" or "http port"))
        {
            await using var http = new RawHttp(door);
            foreach (var (method, path) in Public(door.Listener).Distinct().Where(e => e.Method is not ("GET" or "HEAD")))
            {
                // Only the announcement and the first octets: a server that reads on would wait for ever.
                var announced = await http.SendAsync(method, path, Name, fields: [Basic, $"Content-Length: {long.MaxValue}", "Connection: close"]);
                cells++;
                if (announced.Status is >= 500 and not 501 and not 507) wrong.Add($"{door} {method} {path} announced: {announced.Status}");
            }

            foreach (var path in (string[])["/autodiscover/autodiscover.xml", "/sign-in", "/dav/calendars/ann@example.org/calendar/large.ics", "/dav/files/ann@example.org/large"])
            {
                foreach (var method in (string[])["POST", "PUT", "REPORT"])
                {
                    await using var own = new RawHttp(door);
                    var answer = await own.SendAsync(method, path, Name, fields: [Basic, "Content-Type: text/xml"], body: new byte[ThirtyMegabytes]);
                    cells++;
                    if (answer.Status is >= 500 and not 501 and not 507) wrong.Add($"{door} {method} {path} of 30 MB: {answer.Status}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(100)));
        Assert.True(node.Errors.Lines.IsEmpty, string.Join('\n', node.Errors.Lines.Take(20)));
        output.WriteLine($"{cells} cells");
    }

    private static string Basic => "Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TestNode.Ann}:{TestNode.Password}"));

    private IEnumerable<(string Method, string Path)> Public(WebListenerKind listener)
    {
        foreach (var endpoint in node.Endpoints.Where(e => TestNode.ListenerOf(e) == listener))
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET", "PROPFIND"])
                yield return (method, endpoint.RoutePattern.RawText!.Replace("{token}", "x", StringComparison.Ordinal));
        if (listener == WebListenerKind.AdminPort)
        {
            foreach (var page in PageEndpoint.PathsOf(PageListener.AdminPort)) yield return page;
        }
        else if (listener == WebListenerKind.Https)
        {
            foreach (var method in DavEndpoint.Allowed.Split(", "))
                foreach (var path in Targets) yield return (method, path);
            foreach (var page in PageEndpoint.PathsOf(node.HttpsPages)) yield return page;
        }
        else
        {
            yield return ("GET", "/x");
        }
    }

    private static IEnumerable<(string What, string Target, string[] Fields, byte[]? Body)> Inputs(string path)
    {
        var isDav = path.StartsWith("/dav/", StringComparison.Ordinal);
        string[] names = path.Contains("setup", StringComparison.Ordinal) ? ["email"] : path.Contains("config-v1.1", StringComparison.Ordinal) ? ["emailaddress"] : isDav ? ["action"] : ["address", "id", "page"];
        foreach (var name in names)
            foreach (var value in isDav ? Values[..8] : Values) yield return ($"{name}={value[..Math.Min(40, value.Length)]}", $"{path}?{name}={value}", [], null);
        foreach (var field in Fields) yield return (field, path, [field], null);
        foreach (var (name, type, octets) in Bodies) yield return (name, path, [$"Content-Type: {type}"], octets);
    }
}

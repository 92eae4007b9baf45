using System.Xml.Linq;
using MailServer.Domain;

namespace MailServer.Tests.Web;

/// <summary>What becomes of a request that sets properties if one of them cannot be set: the answer names each, and nothing is changed (RFC 4918 §9.2, RFC 4791 §5.3.1, RFC 5689 §3).</summary>
public sealed class DavPropertyTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Good = "<X:note xmlns:X='x:'>good</X:note>";

    /// <summary>A property that cannot be set, its status and the condition.</summary>
    public static TheoryData<string, int, string> Faults() => new()
    {
        { "<D:getetag>x</D:getetag>", 403, "cannot-modify-protected-property" },
        { "<D:creationdate>x</D:creationdate>", 403, "cannot-modify-protected-property" },
        { "<C:supported-calendar-data/>", 403, "cannot-modify-protected-property" },
        { "<C:calendar-timezone>nonsense</C:calendar-timezone>", 403, "valid-calendar-data" },
        { "<C:calendar-timezone-id>Nowhere/Else</C:calendar-timezone-id>", 403, "valid-timezone" },
        { "<X:large xmlns:X='x:'>LARGE</X:large>", 507, "" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task PROPPATCH_names_the_property_and_changes_nothing(string property, int status, string condition)
    {
        using var http = new DavSession(node, TestNode.Ann);
        property = property.Replace("LARGE", new string('x', Limits.Default.DavProperty), StringComparison.Ordinal);
        await http.SendAsync("PUT", http.Calendar + "member.ics", DavSession.Event("member"));
        await http.SendAsync("PUT", http.Contacts + "member.vcf", DavSession.Card("member"));
        await http.SendAsync("PUT", $"/dav/files/{http.User}/member.txt", "x", "text/plain");
        foreach (var url in new[] { http.Home, http.Calendar, http.Home + "inbox/", http.Calendar + "member.ics", http.Contacts, http.Contacts + "member.vcf", $"/dav/files/{http.User}/member.txt" })
        {
            foreach (var removes in condition.Contains("protected", StringComparison.Ordinal) ? new[] { false, true } : [false])
            {
                var instruction = removes ? "remove" : "set";
                var body = $"<D:propertyupdate {DavSession.Names}><D:set><D:prop>{Good}</D:prop></D:set><D:{instruction}><D:prop>{property}</D:prop></D:{instruction}></D:propertyupdate>";
                foreach (var prefer in new[] { "x", "return=minimal" })
                    Check(XElement.Parse(await http.ExpectAsync(207, "PROPPATCH", url, body, ("Prefer", prefer))).Element(XName.Get("response", "DAV:"))!, property, status, condition);
                Assert.DoesNotContain("good", await http.ExpectAsync(207, "PROPFIND", url, $"<D:propfind {DavSession.Names}><D:prop><X:note xmlns:X='x:'/></D:prop></D:propfind>", ("Depth", "0")), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task PROPPATCH_of_an_invalid_default_calendar_names_the_property()
    {
        using var http = new DavSession(node, TestNode.Ann);
        foreach (var url in new[] { "", "x", http.Home, http.Home + "inbox/", http.Home + "missing/", http.Contacts, $"/dav/calendars/{TestNode.Ben}/calendar/", "https://other.test/" })
        {
            var property = $"<C:schedule-default-calendar-URL><D:href>{url}</D:href></C:schedule-default-calendar-URL>";
            var body = $"<D:propertyupdate {DavSession.Names}><D:set><D:prop>{Good}{property}</D:prop></D:set></D:propertyupdate>";
            Check(XElement.Parse(await http.ExpectAsync(207, "PROPPATCH", http.Home + "inbox/", body)).Element(XName.Get("response", "DAV:"))!, property, 403, "valid-schedule-default-calendar-URL");
        }
    }

    [Fact]
    public async Task PROPPATCH_with_more_properties_than_fit_names_them()
    {
        using var http = new DavSession(node, TestNode.Ann);
        var many = string.Concat(Enumerable.Range(0, Limits.Default.DavProperties + 1).Select(static i => $"<X:p{i} xmlns:X='x:'/>"));
        var answer = await http.ExpectAsync(207, "PROPPATCH", http.Calendar, $"<D:propertyupdate {DavSession.Names}><D:remove><D:prop><X:gone xmlns:X='x:'/></D:prop></D:remove><D:set><D:prop>{many}</D:prop></D:set></D:propertyupdate>");
        Assert.Equal(Limits.Default.DavProperties + 2, answer.Split("<D:propstat>").Length - 1);
        Assert.Equal(2, answer.Split("424 Failed Dependency").Length);
        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
        var names = XElement.Parse(await http.ExpectAsync(207, "PROPFIND", http.Calendar, $"<D:propfind {DavSession.Names}><D:propname/></D:propfind>", ("Depth", "0")));
        Assert.DoesNotContain(names.Descendants(), static found => found.Name.NamespaceName == "x:");
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_collection_is_not_made_if_a_property_cannot_be_set(string property, int status, string condition)
    {
        using var http = new DavSession(node, TestNode.Ann);
        property = property.Replace("LARGE", new string('x', Limits.Default.DavProperty), StringComparison.Ordinal);
        await RefusedAsync(http, "MKCALENDAR", property, "", status, condition);
        await RefusedAsync(http, "MKCOL", property, "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>", status, condition);
    }

    [Fact]
    public async Task A_collection_of_an_unknown_kind_or_component_is_not_made()
    {
        using var http = new DavSession(node, TestNode.Ann);
        const string components = "<C:supported-calendar-component-set><C:comp name='VEVENT'/><C:comp name='VNONE'/></C:supported-calendar-component-set>";
        await RefusedAsync(http, "MKCALENDAR", components, "", 403, "supported-calendar-component");
        await RefusedAsync(http, "MKCOL", components, "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>", 403, "supported-calendar-component");
        await RefusedAsync(http, "MKCOL", "<D:resourcetype><D:collection/><X:special xmlns:X='x:'/></D:resourcetype>", "", 403, "valid-resourcetype");
    }

    private static async Task RefusedAsync(DavSession http, string method, string property, string others, int status, string condition)
    {
        var url = http.Home + "refused/";
        var root = method == "MKCOL" ? "D:mkcol" : "C:mkcalendar";
        var answer = XElement.Parse(await http.ExpectAsync(method == "MKCOL" ? status : 207, method, url, $"<{root} {DavSession.Names}><D:set><D:prop>{Good}{others}{property}</D:prop></D:set></{root}>"));
        Assert.Equal(method == "MKCOL" ? "mkcol-response" : "multistatus", answer.Name.LocalName);
        Check(method == "MKCOL" ? answer : answer.Element(XName.Get("response", "DAV:"))!, property, status, condition);
        await http.ExpectAsync(404, "PROPFIND", url, "", ("Depth", "0"));
    }

    private static void Check(XElement response, string property, int status, string condition)
    {
        var name = XElement.Parse($"<x {DavSession.Names}>{property}</x>").Elements().Single().Name;
        var stats = response.Elements(XName.Get("propstat", "DAV:")).ToDictionary(static s => s.Element(XName.Get("prop", "DAV:"))!.Elements().Single().Name);
        Assert.Contains($" {status} ", stats[name].Element(XName.Get("status", "DAV:"))!.Value, StringComparison.Ordinal);
        Assert.Equal(condition, stats[name].Element(XName.Get("error", "DAV:"))?.Elements().Single().Name.LocalName ?? "");
        Assert.NotEqual("", stats[name].Element(XName.Get("responsedescription", "DAV:"))!.Value);
        Assert.All(stats.Where(s => s.Key != name), static s => Assert.Contains(" 424 ", s.Value.Element(XName.Get("status", "DAV:"))!.Value, StringComparison.Ordinal));
    }
}

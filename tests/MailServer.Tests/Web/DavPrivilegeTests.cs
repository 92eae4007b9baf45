using System.Xml.Linq;
using MailServer.Web.Dav.Methods;

namespace MailServer.Tests.Web;

/// <summary>A refusal names the privileges that are lacking, and on which resources (RFC 3744 §7.1.1 and Appendix B).</summary>
public sealed class DavPrivilegeTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Share = $"<S:share {DavSession.Names}><S:set><D:href>mailto:ben@example.org</D:href><S:read-write/></S:set></S:share>";
    private const string Acl = $"<D:acl {DavSession.Names}><D:ace><D:principal><D:href>/dav/principals/ben@example.org/</D:href></D:principal><D:grant><D:privilege><D:all/></D:privilege></D:grant></D:ace></D:acl>";
    private const string Lock = $"<D:lockinfo {DavSession.Names}><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>";
    private const string Patch = $"<D:propertyupdate {DavSession.Names}><D:set><D:prop><X:note xmlns:X='x:'>x</X:note></D:prop></D:set></D:propertyupdate>";
    private const string Principals = $"<D:acl-principal-prop-set {DavSession.Names}><D:prop><D:displayname/></D:prop></D:acl-principal-prop-set>";

    /// <summary>
    /// Every request of somebody who may only read. In the expected text, <c>~</c> is the URL of the shared calendar, <c>^</c> the home of its owner and <c>+</c> a
    /// calendar of the guest.
    /// </summary>
    private static readonly (string Method, string Url, string? Body, (string, string)? Field, string Lacking, bool OnMount)[] Requests =
    [
        ("PUT", "~a.ics", DavSession.Event("a", "DTSTART:20280101T100000Z"), null, "~a.ics write-content", true),
        ("PUT", "~new.ics", DavSession.Event("new"), null, "~ bind", true),
        ("DELETE", "~a.ics", null, null, "~ unbind", true),
        ("DELETE", "~", null, null, "^ unbind", false),
        ("PROPPATCH", "~a.ics", Patch, null, "~a.ics write-properties", true),
        ("LOCK", "~a.ics", Lock, null, "~a.ics write-content", true),
        ("LOCK", "~new.ics", Lock, null, "~ bind", true),
        ("UNLOCK", "~a.ics", null, ("Lock-Token", "<urn:uuid:00000000-0000-0000-0000-000000000000>"), "~a.ics unlock", true),
        ("MKCALENDAR", "~sub/", null, null, "~ bind", true),
        ("MKCOL", "~sub/", null, null, "~ bind", true),
        ("POST", "~", DavSession.Event("posted"), null, "~ bind", true),
        ("POST", "~a.ics?action=attachment-add", "x", null, "~a.ics write-content", true),
        ("POST", "~", Share, null, "~ write-acl", false),
        ("ACL", "~", Acl, null, "~ write-acl", false),
        ("REPORT", "~", Principals, null, "~ read-acl", true),
        ("COPY", "~a.ics", null, ("Destination", "~copy.ics"), "~ bind", true),
        ("COPY", "+own.ics", null, ("Destination", "~copy.ics"), "~ bind", true),
        ("MOVE", "~a.ics", null, ("Destination", "+moved.ics"), "~ unbind", true),
        ("MOVE", "~a.ics", null, ("Destination", "~moved.ics"), "~ unbind, ~ bind", true),
        ("MOVE", "+own.ics", null, ("Destination", "~moved.ics"), "~ bind", true),
        ("MOVE", "~", null, ("Destination", "^moved/"), "^ unbind, ^ bind", false),
    ];

    [Fact]
    public void Every_method_that_can_be_refused_is_tried() =>
        Assert.Equal(DavEndpoint.Allowed.Split(", ").Except(["OPTIONS", "GET", "HEAD", "PROPFIND"]).Order(StringComparer.Ordinal), Requests.Select(static r => r.Method).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_names_the_privilege_and_the_resource(bool onMount)
    {
        using var ann = new DavSession(node, TestNode.Ann);
        using var ben = new DavSession(node, TestNode.Ben);
        var name = Guid.NewGuid().ToString("N")[..8];
        await ann.ExpectAsync(201, "MKCALENDAR", $"{ann.Home}{name}/");
        await ben.ExpectAsync(201, "MKCALENDAR", $"{ben.Home}{name}/");
        await ann.ExpectAsync(201, "PUT", $"{ann.Home}{name}/a.ics", DavSession.Event(name + "a"));
        await ben.ExpectAsync(201, "PUT", $"{ben.Home}{name}/own.ics", DavSession.Event(name + "own"));
        var mount = await ann.ShareAsync(ben, $"{ann.Home}{name}/", "read");
        foreach (var (method, url, body, field, lacking, _) in Requests.Where(r => !onMount || r.OnMount))
        {
            (string, string)[] fields = field is var (key, value) ? [(key, Full(value))] : [];
            var refused = XElement.Parse(await ben.ExpectAsync(403, method, Full(url), body, fields));
            Assert.Equal($"{method} {url}: {Full(lacking)}", $"{method} {url}: {Named(refused)}");
        }

        string Full(string text) => text.Replace("~", onMount ? mount : $"{ann.Home}{name}/", StringComparison.Ordinal).Replace("^", ann.Home, StringComparison.Ordinal).Replace("+", $"{ben.Home}{name}/", StringComparison.Ordinal);
    }

    /// <summary>RFC 3744 §5.3, RFC 6638 §6: whatever somebody may do with a resource is among the privileges that it supports, and those of scheduling are where they belong.</summary>
    [Fact]
    public async Task A_resource_supports_all_privileges_that_somebody_has()
    {
        using var ann = new DavSession(node, TestNode.Ann);
        await ann.SendAsync("PUT", ann.Calendar + "privileges.ics", DavSession.Event("privileges"));
        foreach (var url in new[] { $"/dav/principals/{ann.User}/", ann.Home, ann.Calendar, ann.Calendar + "privileges.ics", ann.Home + "inbox/", ann.Home + "outbox/", ann.Contacts, $"/dav/files/{ann.User}/" })
        {
            var found = XElement.Parse(await ann.ExpectAsync(207, "PROPFIND", url, $"<D:propfind {DavSession.Names}><D:prop><D:supported-privilege-set/><D:current-user-privilege-set/></D:prop></D:propfind>", ("Depth", "0")));
            var all = Tree(found.Descendants(XName.Get("supported-privilege-set", "DAV:")).Elements().Single());
            var held = found.Descendants(XName.Get("current-user-privilege-set", "DAV:")).Elements().Elements().Select(static p => p.Name.LocalName);
            Assert.All(held, p => Assert.Contains(p, all.Split('(', ')', ' ')));
            Assert.Equal(url.EndsWith("inbox/", StringComparison.Ordinal), all.Contains("schedule-deliver(schedule-deliver-invite() schedule-deliver-reply() schedule-query-freebusy())", StringComparison.Ordinal));
            Assert.Equal(url.EndsWith("outbox/", StringComparison.Ordinal), all.Contains("schedule-send(schedule-send-invite() schedule-send-reply() schedule-send-freebusy())", StringComparison.Ordinal));
        }
    }

    /// <summary>RFC 6638 §9.1: a calendar that somebody shares is no busy time of the guest, whatever it is to its owner.</summary>
    [Fact]
    public async Task A_shared_calendar_is_transparent_to_its_guest()
    {
        using var ann = new DavSession(node, TestNode.Ann);
        using var ben = new DavSession(node, TestNode.Ben);
        var url = $"{ann.Home}{Guid.NewGuid():N}/";
        await ann.ExpectAsync(201, "MKCALENDAR", url, $"<C:mkcalendar {DavSession.Names}><D:set><D:prop><C:schedule-calendar-transp><C:opaque/></C:schedule-calendar-transp></D:prop></D:set></C:mkcalendar>");
        var mount = await ann.ShareAsync(ben, url, "read-write");
        foreach (var (who, place, expected) in new[] { (ann, url, "opaque"), (ben, mount, "transparent") })
            Assert.Contains($":{expected}", (await who.ExpectAsync(207, "PROPFIND", place, $"<D:propfind {DavSession.Names}><D:prop><C:schedule-calendar-transp/></D:prop></D:propfind>", ("Depth", "0"))).Replace("<opaque", "<C:opaque", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static string Tree(XElement privilege) =>
        $"{privilege.Element(XName.Get("privilege", "DAV:"))!.Elements().Single().Name.LocalName}({string.Join(' ', privilege.Elements(XName.Get("supported-privilege", "DAV:")).Select(Tree))})";

    private static string Named(XElement error) => string.Join(", ", error.Elements(XName.Get("need-privileges", "DAV:")).Elements(XName.Get("resource", "DAV:"))
        .Select(static r => $"{r.Element(XName.Get("href", "DAV:"))!.Value} {r.Element(XName.Get("privilege", "DAV:"))!.Elements().Single().Name.LocalName}"));
}

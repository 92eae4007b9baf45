using System.Xml.Linq;

namespace MailServer.Tests.Web;

/// <summary>Synchronization of collections (RFC 6578): tokens as conditions, depths, and truncated results.</summary>
public sealed class DavSyncTests(TestNode node) : IClassFixture<TestNode>, IAsyncLifetime
{
    private readonly DavSession _ann = new(node, TestNode.Ann);
    private readonly DavSession _ben = new(node, TestNode.Ben);
    private readonly string _name = Guid.NewGuid().ToString("N")[..8];

    private string Calendar => $"{_ann.Home}{_name}/";

    public Task InitializeAsync() => _ann.ExpectAsync(201, "MKCALENDAR", Calendar);

    public Task DisposeAsync()
    {
        _ann.Dispose();
        _ben.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>RFC 6578 §5: a change is made only if nothing else changed in the collection since a token. Guests name the collection by their own URL.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_in_an_If_header_is_a_condition(bool isGuest)
    {
        var (who, collection) = isGuest ? (_ben, await _ann.ShareAsync(_ben, Calendar, "read-write")) : (_ann, Calendar);
        var token = await TokenAsync(who, collection);
        Assert.Equal(token, await TokenAsync(_ann, Calendar));
        await who.ExpectAsync(412, "PUT", collection + "a.ics", DavSession.Event(_name + "a"), ("If", $"<{collection}> (Not <{token}>)"));
        // An untagged list is about the event, which has no token.
        await who.ExpectAsync(412, "PUT", collection + "a.ics", DavSession.Event(_name + "a"), ("If", $"(<{token}>)"));
        await who.ExpectAsync(201, "PUT", collection + "a.ics", DavSession.Event(_name + "a"), ("If", $"<{collection}> (<{token}>)"));
        foreach (var (method, url, body) in new[] { ("PUT", "b.ics", DavSession.Event(_name + "b")), ("PUT", "a.ics", DavSession.Event(_name + "a", "DTSTART:20280101T100000Z")), ("DELETE", "a.ics", null) })
        {
            await who.ExpectAsync(412, method, collection + url, body, ("If", $"<{collection}> (<{token}>)"));
            await who.ExpectAsync(method == "DELETE" ? 204 : url == "a.ics" ? 204 : 201, method, collection + url, body, ("If", $"<{collection}> (<{await TokenAsync(who, collection)}>)"));
        }

        // The token of another collection.
        await who.ExpectAsync(412, "PUT", collection + "c.ics", DavSession.Event(_name + "c"), ("If", $"<{collection}> (<{await TokenAsync(who, who.Calendar)}>)"));
    }

    [Theory]
    [InlineData(null, 207)]
    [InlineData("0", 207)]
    [InlineData("1", 207)]
    [InlineData("2", 400)]
    [InlineData("infinity", 400)]
    public async Task A_synchronization_has_no_depth(string? depth, int status) =>
        await _ann.ExpectAsync(status, "REPORT", Calendar, Sync("", ""), depth is null ? [] : [("Depth", depth)]);

    [Fact]
    public async Task A_truncated_result_says_so_and_goes_on()
    {
        foreach (var i in Enumerable.Range(0, 3)) await _ann.ExpectAsync(201, "PUT", $"{Calendar}{i}.ics", DavSession.Event($"{_name}{i}"));
        var (token, seen) = ("", new List<string>());
        for (var left = 3; left > 0; left--)
        {
            var page = XElement.Parse(await _ann.ExpectAsync(207, "REPORT", Calendar, Sync(token, "<D:limit><D:nresults>1</D:nresults></D:limit>")));
            var full = page.Elements(XName.Get("response", "DAV:")).Where(static r => r.Element(XName.Get("status", "DAV:"))?.Value == "HTTP/1.1 507 Insufficient Storage").ToList();
            Assert.Equal(left > 1 ? [Calendar] : [], full.Select(static r => r.Element(XName.Get("href", "DAV:"))!.Value));
            Assert.All(full, static r => Assert.NotNull(r.Element(XName.Get("error", "DAV:"))?.Element(XName.Get("number-of-matches-within-limits", "DAV:"))));
            seen.AddRange(page.Elements(XName.Get("response", "DAV:")).Except(full).Select(static r => r.Element(XName.Get("href", "DAV:"))!.Value));
            token = page.Element(XName.Get("sync-token", "DAV:"))!.Value;
        }

        Assert.Equal(Enumerable.Range(0, 3).Select(i => $"{Calendar}{i}.ics"), seen.Order(StringComparer.Ordinal));
    }

    private static string Sync(string token, string more) =>
        $"<D:sync-collection {DavSession.Names}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{more}<D:prop><D:getetag/></D:prop></D:sync-collection>";

    private static async Task<string> TokenAsync(DavSession who, string collection) =>
        XElement.Parse(await who.ExpectAsync(207, "PROPFIND", collection, $"<D:propfind {DavSession.Names}><D:prop><D:sync-token/></D:prop></D:propfind>", ("Depth", "0"))).Descendants(XName.Get("sync-token", "DAV:")).Single().Value;
}

using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Text.RegularExpressions;
using MailServer.Web.Dav.Methods;
using MailServer.Web.Listeners;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;
using Microsoft.AspNetCore.Routing;
using Xunit.Abstractions;

namespace MailServer.Tests.Web;

/// <summary>
/// Every endpoint × every listener × every spelling: each responds only on the listeners it belongs to. The endpoints are enumerated at
/// run time, so new ones are included automatically.
/// </summary>
public abstract partial class ListenerTable(TestNode node, ITestOutputHelper output)
{
    private const string Name = "mail.example.org";

    /// <summary>Spellings of a path; the first is unchanged.</summary>
    private static readonly (string Name, Func<string, string> Write)[] Spellings =
    [
        ("as it is", p => p),
        ("upper case", p => p.ToUpperInvariant()),
        ("capitals", p => Words().Replace(p, static m => m.Value.ToUpperInvariant())),
        ("first letter encoded", p => Encode(p, all: false)),
        ("every letter encoded", p => Encode(p, all: true)),
        ("two slashes first", p => "/" + p),
        ("every slash doubled", p => p.Replace("/", "//", StringComparison.Ordinal)),
        ("a dot segment", p => "/." + p),
        ("an encoded dot segment", p => "/%2e" + p),
        ("up and down", p => "/x/.." + p),
        ("encoded up and down", p => "/x/%2e%2e" + p),
        ("a slash at the end", p => p + "/"),
        ("a dot at the end", p => p + "."),
        ("a space at the end", p => p + "%20"),
        ("a parameter", p => p + ";x"),
        ("a parameter in the first segment", p => Second().Replace(p, ";x$0", 1)),
        ("a query", p => p + "?x=1"),
        ("a fragment", p => p + "#x"),
        ("an encoded NUL", p => p + "%00"),
        ("encoded slashes", p => "/" + p[1..].Replace("/", "%2F", StringComparison.Ordinal)),
        ("backslashes", p => "/" + p[1..].Replace('/', '\\')),
        ("an overlong slash", p => p + "%c0%af"),
        ("absolute", p => $"http://{Name}{p}"),
        ("absolute over https", p => $"https://{Name}{p}"),
    ];

    private static readonly string[] Hosts = ["localhost", "127.0.0.1", "mta-sts.example.org", "autoconfig.example.org", "evil.example", "[::1]"];

    private static readonly string[] Doors = ["admin.sock", "admin port", "dav port", "https port", "http port"];

    public static TheoryData<string> DoorNames => [.. Doors];

    [Fact]
    public void Every_endpoint_belongs_to_one_listener()
    {
        Assert.Empty(node.Endpoints.Where(e => TestNode.ListenerOf(e) is null).Select(TestNode.NameOf));
        Assert.Equal(Enum.GetValues<WebListenerKind>(), node.Endpoints.Select(e => TestNode.ListenerOf(e)!.Value).Distinct().Order());
        Assert.True(node.Endpoints.Count(e => TestNode.ListenerOf(e) == WebListenerKind.AdminSocket) > 35, "the admin API is there");
        Assert.Equal(Doors, node.Doors.Select(d => d.Name));
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task Endpoints_answer_only_where_they_belong(string name)
    {
        var door = node.Doors.Single(d => d.Name == name);
        var matchedBefore = node.Matched.Count;
        var (cells, wrong) = (0, new List<string>());
        await using var http = new RawHttp(door);
        foreach (var (method, path) in Foreign(door.Listener))
        {
            foreach (var (spelling, target, host, version) in Ways(path))
            {
                var answer = await http.SendAsync(method, target, host, version);
                cells++;
                if (IsAnswered(door.Listener, answer)) wrong.Add($"{method} {target} ({spelling}, HTTP/{version}, Host {host}): {answer.Status} {answer.Body[..Math.Min(60, answer.Body.Length)]}");
            }
        }

        if (door.Tls) cells += await OverHttp2Async(door, wrong);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(100)));
        // Confirmed by the framework: no request was routed to an endpoint of another listener.
        Assert.DoesNotContain(node.Matched, m => m.Came != m.Belongs);
        Assert.True(node.Matched.Count >= matchedBefore);
        Assert.True(cells > 2_000, $"{cells} cells");
        output.WriteLine($"{name}: {cells} cells");
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task The_endpoints_of_a_listener_are_found_there(string name)
    {
        var door = node.Doors.Single(d => d.Name == name);
        await using var http = new RawHttp(door);
        foreach (var endpoint in node.Endpoints.Where(e => TestNode.ListenerOf(e) == door.Listener))
        {
            foreach (var method in MethodsOf(endpoint)) await http.SendAsync(method, PathOf(endpoint) + $"?directory={node.Folder}/backups&max=1", Name, body: method is "POST" or "PUT" ? [] : null);
        }

        var matched = node.Matched.Where(m => m.Came == door.Listener).Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(node.Endpoints.Where(e => TestNode.ListenerOf(e) == door.Listener).Select(TestNode.NameOf), n => !matched.Contains(n));
        foreach (var (method, path) in PagesOf(door.Listener).Where(p => p.Method == "GET"))
            Assert.True((await http.SendAsync(method, path, Name)).Status is 200 or 302 or 303, path);
    }

    private static bool IsAnswered(WebListenerKind listener, RawAnswer answer) => answer.Status switch
    {
        // Refused before any pipeline, or the connection was closed.
        0 or 400 or 414 or 505 => false,
        404 or 405 => false,
        // DAV requires a password, and pages refuse other host names.
        401 => answer.Header("WWW-Authenticate")?.StartsWith("Basic", StringComparison.Ordinal) != true || listener != WebListenerKind.Https,
        421 => listener is not (WebListenerKind.AdminPort or WebListenerKind.Https),
        308 => listener != WebListenerKind.PlainHttp || answer.Header("Location")?.StartsWith("https://", StringComparison.Ordinal) != true,
        _ => true,
    };

    /// <summary>Everything that another listener serves and this one does not.</summary>
    private List<(string Method, string Path)> Foreign(WebListenerKind listener)
    {
        // HEAD is GET without the body (RFC 9110 §9.3.2).
        var own = All().Where(e => e.Listener == listener).SelectMany(e => e.Method == "GET" ? [(e.Method, e.Path), ("HEAD", e.Path)] : new[] { (e.Method, e.Path) }).ToHashSet();
        return [.. All().Where(e => e.Listener != listener).Select(e => (e.Method, e.Path)).Distinct().Where(e => !own.Contains(e))];
    }

    private IEnumerable<(WebListenerKind Listener, string Method, string Path)> All()
    {
        foreach (var endpoint in node.Endpoints)
            foreach (var method in MethodsOf(endpoint)) yield return (TestNode.ListenerOf(endpoint)!.Value, method, PathOf(endpoint));
        foreach (var listener in Enum.GetValues<WebListenerKind>())
            foreach (var (method, path) in PagesOf(listener)) yield return (listener, method, path);
        foreach (var method in DavEndpoint.Allowed.Split(", ").Where(m => m != "OPTIONS"))
            foreach (var path in (string[])["/", "/dav/", $"/dav/principals/{TestNode.Ann}/", $"/dav/calendars/{TestNode.Ann}/calendar/", "/ics/secret.ics"]) yield return (WebListenerKind.Https, method, path);
    }

    private IEnumerable<(string Method, string Path)> PagesOf(WebListenerKind listener) => listener switch
    {
        WebListenerKind.AdminPort => PageEndpoint.PathsOf(PageListener.AdminPort),
        WebListenerKind.Https => PageEndpoint.PathsOf(node.HttpsPages),
        _ => [],
    };

    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET", "PROPFIND"];

    private static string PathOf(RouteEndpoint endpoint) => "/" + Parameter().Replace(endpoint.RoutePattern.RawText!, static m => m.Value.Contains(":long", StringComparison.Ordinal) ? "1" : "x").Trim('/');

    private static IEnumerable<(string Spelling, string Target, string? Host, string Version)> Ways(string path)
    {
        foreach (var (spelling, write) in Spellings) yield return (spelling, write(path), Name, "1.1");
        foreach (var host in Hosts) yield return ("another host", path, host, "1.1");
        yield return ("as it is", path, null, "1.0");
        yield return ("upper case", path.ToUpperInvariant(), Name, "1.0");
    }

    private async Task<int> OverHttp2Async(ListenerAddress door, List<string> wrong)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using var client = new HttpClient(handler);
        var cells = 0;
        foreach (var (method, path) in Foreign(door.Listener))
        {
            foreach (var (spelling, write) in Spellings.Where(s => s.Name is not ("absolute" or "absolute over https" or "backslashes")))
            {
                var target = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{door.Port}{write(path)}"), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
                using var request = new HttpRequestMessage(new HttpMethod(method), target) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
                var answer = await SendAsync(client, request);
                cells++;
                if (IsAnswered(door.Listener, answer)) wrong.Add($"{method} {target.OriginalString} ({spelling}, HTTP/2): {answer.Status}");
            }
        }

        return cells;
    }

    private static async Task<RawAnswer> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        try
        {
            using var response = await client.SendAsync(request);
            return new RawAnswer((int)response.StatusCode, $"HTTP/2\r\nWWW-Authenticate: {response.Headers.WwwAuthenticate}\r\n", "");
        }
        catch (HttpRequestException e) when (e.InnerException is HttpProtocolException)
        {
            // A malformed path ends the stream.
            return new RawAnswer(0, "", "");
        }
    }

    private static string Encode(string path, bool all)
    {
        var done = false;
        return string.Concat(path.Select(c =>
        {
            if (!char.IsAsciiLetter(c) || (done && !all)) return c.ToString();
            done = true;
            return $"%{(int)c:x2}";
        }));
    }

    [GeneratedRegex("(?<=/)[a-z]", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Words();

    [GeneratedRegex("(?<=/[^/]+)/", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Second();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parameter();
}

/// <summary>The listeners as they are by default.</summary>
[Trait("Speed", "Slow")]
public sealed class ListenerTableTests(TestNode node, ITestOutputHelper output) : ListenerTable(node, output), IClassFixture<TestNode>;

/// <summary>The listeners with the pages for administrators on the HTTPS ports.</summary>
public sealed class PublicAdminListenerTableTests(PublicAdminNode node, ITestOutputHelper output) : ListenerTable(node, output), IClassFixture<PublicAdminNode>;

using System.Globalization;
using System.Text.RegularExpressions;
using MailServer.Web.Listeners;

namespace MailServer.Tests.Web;

/// <summary>The address of the client decides about metrics and bans, also behind a proxy.</summary>
public sealed partial class ProxiedListenerTests(ProxiedNode node) : IClassFixture<ProxiedNode>
{
    private const string Name = "mail.example.org";
    private const string Bearer = "Authorization: Bearer ";

    public static TheoryData<string, string?, int> MetricsRequests => new()
    {
        { "127.0.0.1", null, 200 },
        { "127.3.2.1", null, 200 },
        { "127.0.0.1", "X-Forwarded-For: 192.0.2.1", 401 },
        { "127.0.0.1", "Forwarded: for=192.0.2.1", 401 },
        { "127.0.0.1", "x-real-ip: 192.0.2.1", 401 },
        { "127.0.0.1", "X-Forwarded-Proto: https", 401 },
        { "127.0.0.1", "Via: 1.1 proxy", 401 },
        { "192.0.2.1", null, 401 },
        { "192.0.2.1", "X-Forwarded-For: 127.0.0.1", 401 },
        { "10.0.0.1", null, 401 },
        { "192.0.2.1", Bearer + ProxiedNode.MetricsToken, 200 },
        { "192.0.2.1", "Authorization: bearer " + ProxiedNode.MetricsToken, 200 },
        { "192.0.2.1", Bearer + ProxiedNode.MetricsToken + "x", 401 },
        { "192.0.2.1", Bearer + ProxiedNode.MetricsToken[..^1], 401 },
        { "192.0.2.1", Bearer, 401 },
        { "192.0.2.1", "Authorization: Basic " + ProxiedNode.MetricsToken, 401 },
        { "192.0.2.1", "Authorization: " + ProxiedNode.MetricsToken, 401 },
    };

    [Theory]
    [MemberData(nameof(MetricsRequests))]
    public async Task Metrics_need_loopback_or_the_token(string client, string? field, int status)
    {
        await using var http = new RawHttp(node.Doors.Single(static d => d.Listener == WebListenerKind.AdminPort), client);
        var answer = await http.SendAsync("GET", "/metrics", Name, fields: field is null ? [] : [field]);
        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200, answer.Body.Contains("mailserver_build_info", StringComparison.Ordinal));
        Assert.Equal(status == 200 ? null : "Bearer realm=\"metrics\"", answer.Header("WWW-Authenticate"));
        Assert.Equal(200, (await http.SendAsync("GET", "/health", Name)).Status);
    }

    [Theory]
    [InlineData("dav port", "203.0.113.1")]
    [InlineData("https port", "203.0.113.2")]
    [InlineData("admin port", "203.0.113.3")]
    public async Task Wrong_passwords_on_the_page_ban_the_client_and_not_the_proxy(string door, string client)
    {
        var listener = node.Doors.Single(d => d.Name == door);
        await using var http = new RawHttp(listener, client);
        for (var i = 0; i < 3; i++) Assert.Equal(422, (await SignInAsync(http, $"wrong {i}")).Status);
        Assert.Equal(403, (await SignInAsync(http, TestNode.Password)).Status);
        Assert.Contains(client, await node.CliAsync("bans", "list"), StringComparison.Ordinal);
        await using var other = new RawHttp(listener, "198.51.100.7");
        Assert.Equal(303, (await SignInAsync(other, TestNode.Password)).Status);
        if (listener.Listener != WebListenerKind.Https) return;
        // One count for pages and DAV.
        var dav = await http.SendAsync("PROPFIND", "/dav/", Name, fields: ["Authorization: Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{TestNode.Ben}:{TestNode.Password}"))]);
        Assert.NotEqual(207, dav.Status);
    }

    private static async Task<RawAnswer> SignInAsync(RawHttp http, string password)
    {
        var page = await http.SendAsync("GET", "/sign-in", Name);
        var cookie = page.Header("Set-Cookie")!.Split(';')[0];
        var token = Token().Match(page.Body).Groups["token"].Value;
        var body = string.Create(CultureInfo.InvariantCulture, $"address={Uri.EscapeDataString(TestNode.Ben)}&password={Uri.EscapeDataString(password)}&token={Uri.EscapeDataString(token)}");
        return await http.SendAsync("POST", "/sign-in", Name, fields: ["Cookie: " + cookie, "Content-Type: application/x-www-form-urlencoded"], body: System.Text.Encoding.ASCII.GetBytes(body));
    }

    [GeneratedRegex("name=\"token\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Token();
}

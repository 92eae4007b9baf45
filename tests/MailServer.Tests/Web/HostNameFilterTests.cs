using System.Net;
using MailServer.Web.Listeners;
using Xunit.Abstractions;

namespace MailServer.Tests.Web;

/// <summary>Host names of the admin port, redirects of port 80, and the audit of the admin socket.</summary>
public sealed class HostNameFilterTests(TestNode node, ITestOutputHelper output) : IClassFixture<TestNode>
{
    [Theory]
    [InlineData("mail.example.org", true)]
    [InlineData("MAIL.Example.ORG:8090", true)]
    [InlineData("mail.example.org.", true)]
    [InlineData("page.example.net", true)]
    [InlineData("localhost", true)]
    [InlineData("localhost:1", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.8.8:8090", true)]
    [InlineData("[::1]:8090", true)]
    [InlineData(null, true)]
    [InlineData("example.org", false)]
    [InlineData("evil.example", false)]
    [InlineData("mail.example.org.evil.example", false)]
    [InlineData("xmail.example.org", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.nip.example", false)]
    [InlineData("8.8.8.8", false)]
    [InlineData("[2001:db8::1]", false)]
    [InlineData("0.0.0.0", false)]
    public async Task The_admin_port_answers_only_under_its_own_names(string? host, bool answers)
    {
        await using var http = new RawHttp(node.Doors.Single(d => d.Name == "admin port"));
        foreach (var path in (string[])["/metrics", "/health", "/ready", "/sign-in", "/nothing"])
        {
            var answer = await http.SendAsync("GET", path, host, host is null ? "1.0" : "1.1");
            if (answers) Assert.True(answer.Status is 200 or 404, $"{path}: {answer.Status}");
            else Assert.Equal(421, answer.Status);
        }
    }

    [Fact]
    public void With_a_wildcard_binding_the_destination_address_is_an_allowed_name()
    {
        var names = new HostNameFilter(["mail.example.org", "192.0.2.9"], [IPAddress.Any, IPAddress.Parse("192.0.2.7")]);
        Assert.True(names.Allows("192.0.2.7", IPAddress.Loopback));
        Assert.True(names.Allows("192.0.2.8", IPAddress.Parse("::ffff:192.0.2.8")));
        Assert.True(names.Allows("192.0.2.9", IPAddress.Loopback));
        Assert.False(names.Allows("192.0.2.10", IPAddress.Loopback));
        Assert.False(names.Allows("0.0.0.0", IPAddress.Loopback));
    }

    [Theory]
    [InlineData("mail.example.org", "mail.example.org")]
    [InlineData("MAIL.example.org:80", "mail.example.org")]
    [InlineData("example.org", "example.org")]
    [InlineData("mta-sts.example.org", "mta-sts.example.org")]
    [InlineData("autoconfig.example.org", "autoconfig.example.org")]
    [InlineData("autodiscover.example.org", "autodiscover.example.org")]
    [InlineData("www.example.org", "mail.example.org")]
    [InlineData("evil.example", "mail.example.org")]
    [InlineData("mail.example.org.evil.example", "mail.example.org")]
    [InlineData("mta-sts.evil.example", "mail.example.org")]
    [InlineData("127.0.0.1", "mail.example.org")]
    [InlineData("[::1]", "mail.example.org")]
    public async Task Port_80_redirects_only_to_names_of_this_server(string host, string to)
    {
        await using var http = new RawHttp(node.Doors.Single(d => d.Name == "http port"));
        foreach (var path in (string[])["/", "/x?y=1", "//evil.example/", "/%0d%0aX: y".Replace(" ", "%20", StringComparison.Ordinal)])
        {
            var answer = await http.SendAsync("GET", path, host);
            Assert.Equal(308, answer.Status);
            Assert.StartsWith($"https://{to}:{node.Https}/", answer.Header("Location"), StringComparison.Ordinal);
            Assert.Null(answer.Header("X"));
        }
    }

    [Fact]
    public async Task Every_change_over_the_admin_socket_is_audited_whatever_its_spelling()
    {
        await using var http = new RawHttp(node.Doors.Single(d => d.Name == "admin.sock"));
        string[] paths =
        [
            "/admin/v1/sessions/audit-1/kick", "/Admin/v1/sessions/audit-2/kick", "/ADMIN/V1/SESSIONS/audit-3/KICK", "/%61dmin/v1/sessions/audit-4/kick", "/admin/v1/sessions/audit-5/kick/",
            "/./admin/v1/sessions/audit-6/kick", "/x/../admin/v1/sessions/audit-7/kick", "//admin/v1/sessions/audit-8/kick", "/admin/v1/sessions/audit-9/kick?x=1", "http://localhost/admin/v1/sessions/audit-10/kick",
            "/admin/v1/%73essions/audit-11/kick", "/admin/v1/sessions/audit-12%0Aforged/kick",
        ];
        string[] methods = ["POST", "PUT", "DELETE", "PATCH", "FROB"];
        foreach (var path in paths)
            foreach (var method in methods) await http.SendAsync(method, path, "localhost");
        await http.SendAsync("GET", "/admin/v1/sessions/audit-read", "localhost");

        var all = "";
        for (var tries = 0; tries < 200 && !all.Contains("FROB /sessions/audit-12", StringComparison.Ordinal); tries++)
        {
            all = await node.CliAsync("audit");
            await Task.Delay(50);
        }

        Assert.Empty(from method in methods from n in Enumerable.Range(1, 12) where !all.Contains($"{method} ", StringComparison.Ordinal) || !IsNoted(all, method, n) select $"{method} audit-{n}");
        Assert.DoesNotContain("audit-read", all, StringComparison.Ordinal);
        Assert.Contains("audit-12%0Aforged", all, StringComparison.Ordinal);
        output.WriteLine($"{paths.Length * methods.Length} cells");
    }

    private static bool IsNoted(string audit, string method, int n) =>
        audit.Split('\n').Any(l => l.Contains($"{method} ", StringComparison.Ordinal) && (l.Contains($"audit-{n}/", StringComparison.OrdinalIgnoreCase) || l.Contains($"audit-{n}%", StringComparison.OrdinalIgnoreCase)));
}

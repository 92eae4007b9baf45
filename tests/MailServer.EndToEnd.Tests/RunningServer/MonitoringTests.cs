using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>Metrics, health endpoints, and what Prometheus makes of them.</summary>
[Collection(SharedServerCollection.Name)]
public sealed partial class MonitoringTests(SharedServer shared)
{
    private static readonly string Folder = Path.Combine(ProjectPaths.Root, "deploy", "monitoring");
    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task A_scrape_contains_every_metric_of_the_dashboard_and_the_alerts()
    {
        var scrape = await WorkAndScrapeAsync();
        var told = Type().Matches(scrape).Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var documentation = Path.Combine(ProjectPaths.Root, "docs", "operations.md");
        foreach (var file in new[] { "dashboard.json", "alerts.yaml", documentation })
        {
            var wanted = Name().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, file))).Select(m => m.Value).Distinct(StringComparer.Ordinal).ToList();
            Assert.NotEmpty(wanted);
            Assert.All(wanted, name => Assert.Contains(Suffix().Replace(name, ""), told));
        }

        var documented = await File.ReadAllTextAsync(documentation);
        Assert.All(told.Where(static name => name.StartsWith("mailserver_", StringComparison.Ordinal)), name => Assert.Contains(name, documented, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Events_are_counted_in_the_metrics()
    {
        var before = await ScrapeAsync();
        var after = await WorkAndScrapeAsync();
        foreach (var series in (string[])
        [
            "mailserver_messages_total{policy=\"submission\",answer=\"accepted\"}",
            "mailserver_deliveries_total{destination=\"local\",result=\"delivered\"}",
            "mailserver_sign_ins_total{scope=\"submit\",result=\"ok\"}",
            "mailserver_sign_ins_total{scope=\"mail\",result=\"failed\"}",
            "mailserver_connections_total{listener=\"submission\"}",
            "mailserver_command_duration_seconds_count{protocol=\"smtp\",command=\"DATA\"}",
            "mailserver_fsync_duration_seconds_count{of=\"spool\"}",
        ])
            Assert.True(Value(after, series) > Value(before, series), series);
    }

    [ClientFact("promtool")]
    public async Task Prometheus_parses_the_scrape_and_the_alerts_pass_their_tests()
    {
        (await ProgramRun.StartAsync("promtool", ["check", "rules", Path.Combine(Folder, "alerts.yaml")])).Succeeded();
        (await ProgramRun.StartAsync("promtool", ["test", "rules", Path.Combine(Folder, "alerts.test.yaml")])).Succeeded();
        (await ProgramRun.StartAsync("promtool", ["check", "config", Path.Combine(Folder, "prometheus.yaml")])).Succeeded();
        var run = await ProgramRun.StartAsync("promtool", ["check", "metrics"], await WorkAndScrapeAsync());
        Assert.True(run.ExitCode == 0, run.Everything);
    }

    [Fact]
    public async Task Metrics_are_served_only_on_the_admin_port_which_also_serves_health()
    {
        using var http = Certificates.TrustingHttp();
        Assert.StartsWith("ok\n", await http.GetStringAsync(Admin("health")), StringComparison.Ordinal);
        Assert.StartsWith("ready\n", await http.GetStringAsync(Admin("ready")), StringComparison.Ordinal);
        using var elsewhere = await http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_server.Ports.Dav}/metrics")));
        // On that port the path belongs to DAV, which requires a password first.
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
        using var api = await http.GetAsync(Admin("admin/v1/sessions"));
        Assert.Equal(HttpStatusCode.NotFound, api.StatusCode);
    }

    private async Task<string> WorkAndScrapeAsync()
    {
        var user = await _server.AddUserAsync();
        using (var submission = await _server.SubmitAsync(user)) await submission.SendAsync(MailKitClients.Letter(user, user, "counted"));
        await Assert.ThrowsAsync<MailKit.Security.AuthenticationException>(() => _server.ImapAsync(user, "wrong"));
        using (var imap = await _server.ImapAsync(user)) await imap.Inbox.OpenAsync(MailKit.FolderAccess.ReadOnly);
        return await ScrapeAsync();
    }

    private async Task<string> ScrapeAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(Admin("metrics"));
    }

    private Uri Admin(string path) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_server.Ports.Admin}/{path}"));

    private static double Value(string scrape, string series) =>
        scrape.Split('\n').FirstOrDefault(l => l.StartsWith(series + " ", StringComparison.Ordinal)) is { } line ? double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("^# TYPE (?<name>[a-z_]+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Type();

    [GeneratedRegex("\\b(mailserver|process)_[a-z_]+", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Name();

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Suffix();
}

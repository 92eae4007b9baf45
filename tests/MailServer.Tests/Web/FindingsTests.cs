using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MailServer.Configuration;
using MailServer.Domain.Health;
using MailServer.Web.Listeners;

namespace MailServer.Tests.Web;

/// <summary>The page, <c>status</c>, <c>doctor</c>, <c>/ready</c>, <c>/health</c> and the metrics tell the same about the same state of a node.</summary>
public sealed partial class FindingsTests(TestNode node) : IClassFixture<TestNode>
{
    /// <summary>What one of them tells: the findings that need action, as severity and text.</summary>
    private sealed record Told(string Where, IReadOnlyList<string> Findings);

    [Fact]
    public async Task All_views_of_the_findings_agree_in_every_state()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        // The checks that ask other hosts have not run yet; that is a warning in no view.
        var (code, listed, _) = await node.Commands.RunAsync("doctor", "--rerun", "outgoing-mail");
        Assert.Equal(HealthOptions.Checks, listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split('\t')[4]).Distinct().Except(["server"]).Order(StringComparer.Ordinal));
        Assert.Contains("\tpending\tnot checked yet\t", listed, StringComparison.Ordinal);
        Assert.Contains("outgoing mail\tok\tnot checked: the server listens on loopback only", listed, StringComparison.Ordinal);
        var all = await CompareAsync(ann, stops: false);
        Assert.Contains(all, static f => f.Contains("is self-signed", StringComparison.Ordinal));
        Assert.Equal(all.Any(static f => f.StartsWith("problem ", StringComparison.Ordinal)) ? 1 : 0, code);

        node.Problems.Report(new NodeProblem("index.db of user_7", "<b>cannot</b> be read & written", "run 'mailserver check --repair'"));
        Assert.Contains("problem index.db of user_7: <b>cannot</b> be read & written; run 'mailserver check --repair'", await CompareAsync(ann, stops: false));
        node.Problems.Report(new NodeProblem("mail.db", "is damaged", "repair it", StopsService: true));
        Assert.Equal("problem mail.db: is damaged; repair it", (await CompareAsync(ann, stops: true))[0]);
        node.Problems.Clear("mail.db");
        node.Problems.Clear("index.db of user_7");
        Assert.Equal(all.Order(StringComparer.Ordinal), (await CompareAsync(ann, stops: false)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_check_is_rerun_from_the_page_and_the_time_of_each_is_shown()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        Assert.Contains("Checked again: all well.", await ann.PostAsync("/admin/health/rerun", "name=version"), StringComparison.Ordinal);
        Assert.Contains("Checked again: 1 finding needs your attention.", await ann.PostAsync("/admin/health/rerun", "name=certificates"), StringComparison.Ordinal);
        var html = await ann.GetAsync("/admin/health");
        foreach (var check in HealthOptions.Checks) Assert.Contains($"name=\"name\" value=\"{check}\"", html, StringComparison.Ordinal);
        Assert.Matches("version</th>.*?ok.*?<time datetime=\"20", html.Replace("\n", "", StringComparison.Ordinal));
        Assert.Equal("mailserver: no check 'missing'; 'mailserver doctor' lists them; see 'mailserver doctor --help'", await node.Commands.FailedAsync(2, "doctor", "--rerun", "missing"));
    }

    [Fact]
    public async Task A_message_of_the_server_reaches_the_administrator()
    {
        Assert.Equal(250, (await node.MailAsync(TestNode.Ben, "mail.example.org: 1 finding", "New:\n- dns of b\u00fccher.example: MX is missing\n")).Code);
        Assert.Matches("(?m)^INBOX\t1\t1\t", await node.CliAsync("mailboxes", "show", TestNode.Ben));
    }

    /// <summary>Compares all views; a check that runs meanwhile may make two of them differ, so they are read up to five times.</summary>
    private async Task<IReadOnlyList<string>> CompareAsync(PageVisitor page, bool stops)
    {
        Told[] told = [];
        for (var tries = 0; tries < 5; tries++)
        {
            told = await ReadAsync(page, stops);
            if (told.All(t => t.Findings.SequenceEqual(told[0].Findings))) return told[0].Findings;
        }

        Assert.Fail(string.Join('\n', told.Select(static t => $"{t.Where}: {string.Join(" | ", t.Findings)}")));
        return [];
    }

    private async Task<Told[]> ReadAsync(PageVisitor page, bool stops)
    {
        var doctor = await DoctorAsync();
        await using var http = new RawHttp(node.Doors.First(static d => d.Listener == WebListenerKind.AdminPort));
        var ready = await http.SendAsync("GET", "/ready", "mail.example.org");
        Assert.Equal(stops ? 503 : 200, ready.Status);
        Assert.StartsWith(stops ? "not ready\n" : "ready\n", ready.Body, StringComparison.Ordinal);
        var health = await http.SendAsync("GET", "/health", "mail.example.org");
        var metrics = (await http.SendAsync("GET", "/metrics", "mail.example.org")).Body;
        foreach (var severity in (string[])["problem", "warning"])
            Assert.Contains($"mailserver_findings{{severity=\"{severity}\"}} {doctor.Findings.Count(f => f.StartsWith(severity, StringComparison.Ordinal))}\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"mailserver_problems{{stops_service=\"yes\"}} {(stops ? 1 : 0)}\n", metrics, StringComparison.Ordinal);
        var overview = await page.GetAsync("/admin");
        Assert.Equal(doctor.Findings.Count == 0, overview.Contains("All well", StringComparison.Ordinal) || overview.Contains(">Checking<", StringComparison.Ordinal));
        return [doctor, await StatusAsync(), Lines("/ready", ready.Body), Lines("/health", health.Body), Page("overview", overview), Page("health", await page.GetAsync("/admin/health"))];
    }

    private async Task<Told> DoctorAsync()
    {
        var (_, output, _) = await node.Commands.RunAsync("doctor", "--json");
        using var json = JsonDocument.Parse(output);
        return new Told("doctor", Texts(json.RootElement, static (f, name) => f.GetProperty(name == "text" ? "found" : name).GetString()!));
    }

    private async Task<Told> StatusAsync()
    {
        using var json = JsonDocument.Parse(await node.CliAsync("status", "--json"));
        var rows = (await node.CliAsync("status")).Split('\n').Where(static l => l.StartsWith("problem\t", StringComparison.Ordinal) || l.StartsWith("warning\t", StringComparison.Ordinal));
        var told = Texts(json.RootElement.GetProperty("findings"), static (f, name) => f.GetProperty(name).GetString()!);
        Assert.Equal(told, rows.Select(static r => r.Replace('\t', ' ')));
        return new Told("status", told);
    }

    private static List<string> Texts(JsonElement findings, Func<JsonElement, string, string> read) =>
    [
        .. findings.EnumerateArray().Where(f => read(f, "severity") is "problem" or "warning")
            .Select(f => $"{read(f, "severity")} {read(f, "subject")}: {read(f, "text")}{(read(f, "remedy") is { Length: > 0 } remedy ? "; " + remedy : "")}"),
    ];

    private static Told Lines(string where, string body) => new(where, [.. body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(static l => Severity().Replace(l, "${severity} "))]);

    private static Told Page(string where, string html) => new(where, [.. Item().Matches(html).Select(static m => $"{m.Groups["severity"].Value} {WebUtility.HtmlDecode(m.Groups["text"].Value).Trim()}")]);

    [GeneratedRegex("^(?<severity>problem|warning): ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Severity();

    [GeneratedRegex("<li><span class=\"badge (bad|warn)\">(?<severity>problem|warning)</span>(?<text>.*?)<span class=\"faint\">", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Item();
}

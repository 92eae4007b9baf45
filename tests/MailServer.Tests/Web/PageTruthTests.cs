using System.Text.RegularExpressions;

namespace MailServer.Tests.Web;

/// <summary>What the page says about one thing is what the command line says about it.</summary>
public sealed partial class PageTruthTests(TestNode node) : IClassFixture<TestNode>
{
    [Fact]
    public async Task A_secret_link_has_one_address()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        await node.CliAsync("dav", "list", TestNode.Ann);
        var printed = (await node.CliAsync("dav", "link", TestNode.Ann, "calendar")).Trim();
        Assert.StartsWith($"https://mail.example.org:{node.Https}/ics/", printed, StringComparison.Ordinal);
        Assert.Contains($">{printed}<", await ann.GetAsync("/me/calendars"), StringComparison.Ordinal);
        Assert.Contains(printed, await node.CliAsync("dav", "list", TestNode.Ann), StringComparison.Ordinal);
        await node.CliAsync("dav", "unlink", TestNode.Ann, "calendar");
    }

    [Fact]
    public async Task A_permanent_ban_lasts_until_it_is_removed()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        Assert.Equal("192.0.2.31 is banned until you remove the ban.", await ann.PostAsync("/admin/bans/add", "address=192.0.2.31&reason=test"));
        var html = await ann.GetAsync("/admin/bans");
        Assert.Contains("until removed", html, StringComparison.Ordinal);
        Assert.DoesNotContain("lifted", html, StringComparison.Ordinal);
        Assert.Contains("until removed", await node.CliAsync("bans", "list"), StringComparison.Ordinal);
        Assert.Equal("The ban of 192.0.2.31 is removed.", await ann.PostAsync("/admin/bans/remove", "address=192.0.2.31"));
    }

    [Fact]
    public async Task The_zone_of_a_domain_contains_only_its_own_records()
    {
        await node.Commands.RunAsync("domain", "add", "other.example");
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        foreach (var (domain, hasElsewhere) in new[] { ("example.org", false), ("other.example", true) })
        {
            var html = await ann.GetAsync("/admin/domains/records?domain=" + domain);
            var zone = Zone().Match(html).Groups["text"].Value;
            Assert.All(zone.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches($"^([^ ]+\\.)?{Regex.Escape(domain)}\\. IN ", line));
            Assert.Equal(hasElsewhere, html.Contains("belong to another zone", StringComparison.Ordinal));
            var printed = (await node.CliAsync("dns", "records", domain)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static l => !l.StartsWith(';')).ToList();
            Assert.All(printed, line => Assert.Matches($"^([^ ]+\\.)?{Regex.Escape(domain)}\\. IN ", line));
            Assert.Equal(zone.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), printed.Select(static l => l[..l.LastIndexOf(" ; ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task The_records_tell_the_mode_of_the_MTA_STS_policy()
    {
        var records = await node.CliAsync("dns", "records", "example.org");
        Assert.Contains("_mta-sts.example.org.", records, StringComparison.Ordinal);
        Assert.Contains("testing mode: failures are reported, and mail is still accepted without TLS", records, StringComparison.Ordinal);
        Assert.DoesNotContain("must use TLS", records, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_internationalised_domain_is_shown_in_Unicode_and_written_as_A_labels_in_DNS()
    {
        await node.Commands.RunAsync("domain", "add", "bücher.example");
        await node.Commands.RunAsync("user", "add", "eva@bücher.example", "--password", TestNode.Password);
        await node.Commands.RunAsync("alias", "add", "info@bücher.example", "eva@bücher.example");
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        Assert.Contains(">bücher.example<", await ann.GetAsync("/admin/domains"), StringComparison.Ordinal);
        Assert.Contains(">eva@bücher.example<", await ann.GetAsync("/admin/accounts"), StringComparison.Ordinal);
        Assert.Contains(">info@bücher.example", await ann.GetAsync("/admin/aliases"), StringComparison.Ordinal);
        var records = await ann.GetAsync("/admin/domains/records?domain=xn--bcher-kva.example");
        Assert.Contains("DNS of bücher.example", records, StringComparison.Ordinal);
        Assert.Contains("in DNS: <code>xn--bcher-kva.example</code>", records, StringComparison.Ordinal);
        Assert.DoesNotContain("bücher", Zone().Match(records).Groups["text"].Value, StringComparison.Ordinal);
        Assert.Contains("info@bücher.example is removed.", await ann.PostAsync("/admin/aliases/remove", "address=info%40xn--bcher-kva.example&typed=info%40b%C3%BCcher.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_and_the_command_line_write_the_disk_space_alike()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var total = Disk().Match(await node.CliAsync("status")).Groups["total"].Value;
        Assert.Matches("^[0-9.]+ [KMGT]B$", total);
        Assert.Contains($"free of {total}<", await ann.GetAsync("/admin"), StringComparison.Ordinal);
    }

    [GeneratedRegex("<pre[^>]*>(?<text>[^<]*)</pre>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Zone();

    [GeneratedRegex("^disk\t[^\n]* of (?<total>[^\n]*) free at", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Disk();
}

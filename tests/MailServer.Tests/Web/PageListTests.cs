using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace MailServer.Tests.Web;

/// <summary>Search, filters, sort orders and pages of the long lists, and their compressed responses.</summary>
public sealed partial class PageListTests(TestNode node) : IClassFixture<TestNode>
{
    private static readonly string[] Lists =
        ["/admin/accounts", "/admin/aliases", "/admin/bans", "/admin/queue", "/admin/sessions", "/admin/logs", "/admin/logs/warnings", "/admin/reports", "/admin/reports?kind=tls", "/admin/reports/sent", "/admin/reports/sent?kind=tls"];

    [Fact]
    public async Task Accounts_are_searched_filtered_sorted_and_paged_together()
    {
        await node.Commands.RunAsync("domain", "add", "long.example");
        foreach (var i in Enumerable.Range(0, 9)) await node.Commands.RunAsync("alias", "add", string.Create(CultureInfo.InvariantCulture, $"list{i}@example.org"), TestNode.Ann);
        await node.Commands.RunAsync("user", "add", "zoe@long.example", "--password", TestNode.Password);
        await node.Commands.RunAsync("user", "disable", "zoe@long.example");
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        Assert.Equal(["zoe@long.example"], await RowsAsync(ann, "/admin/accounts?q=ZOE+long"));
        Assert.Equal(["zoe@long.example"], await RowsAsync(ann, "/admin/accounts?domain=long.example"));
        Assert.Equal(["zoe@long.example"], await RowsAsync(ann, "/admin/accounts?state=disabled"));
        Assert.Equal([TestNode.Ann], await RowsAsync(ann, "/admin/accounts?state=admin"));
        Assert.Equal([TestNode.Ann, TestNode.Ben, "zoe@long.example"], await RowsAsync(ann, "/admin/accounts?sort=address"));
        Assert.Equal(["zoe@long.example", TestNode.Ben, TestNode.Ann], await RowsAsync(ann, "/admin/accounts?sort=-address&domain=nothing&page=99&sort2=x"));
        var none = await ann.GetAsync("/admin/accounts?q=nobody");
        Assert.Contains("Nothing matches your search and filters.", none, StringComparison.Ordinal);
        Assert.Contains("0 of 3", none, StringComparison.Ordinal);
        Assert.Contains("name=\"q\" value=\"a&b\"", await ann.GetAsync("/admin/accounts?q=a%26b"), StringComparison.Ordinal);
        var narrowed = await ann.GetAsync("/admin/accounts?q=ann+org&domain=example.org&sort=-since");
        Assert.Contains("<option value=\"example.org\" selected>", narrowed, StringComparison.Ordinal);
        Assert.Contains("href=\"/admin/accounts?q=ann%20org&domain=example.org&sort=address\"", narrowed, StringComparison.Ordinal);
        Assert.Equal(["list8@example.org"], await RowsAsync(ann, "/admin/aliases?q=list8"));
    }

    [Fact]
    public async Task Every_sort_order_and_filter_of_every_list_works_and_a_page_can_be_chosen_directly()
    {
        for (var i = 0; i < 20; i++) await node.Commands.RunAsync("bans", "remove", string.Create(CultureInfo.InvariantCulture, $"192.0.2.{i}"));
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        await ann.PostAsync("/admin/bans/add", "address=198.51.100.9&reason=list");
        var (sorts, filters) = (0, 0);
        foreach (var list in Lists)
        {
            var html = (await ann.OpenAsync(list)).Html;
            foreach (var link in Sorts().Matches(html).Select(static m => WebUtility.HtmlDecode(m.Groups["link"].Value)))
            {
                sorts++;
                var up = await ann.OpenAsync(link);
                Assert.Equal(200, up.Status);
                Assert.Contains("aria-sort=\"ascending\"", up.Html, StringComparison.Ordinal);
                Assert.Contains("aria-sort=\"descending\"", (await ann.OpenAsync(link.Replace("sort=", "sort=-", StringComparison.Ordinal))).Html, StringComparison.Ordinal);
            }

            foreach (var (name, value) in Options().Matches(html).SelectMany(static m => Values().Matches(m.Value).Select(v => (m.Groups["name"].Value, v.Groups["value"].Value))))
            {
                // "how" is in the form that adds an account.
                if (name is "sort" or "how" || value.Length == 0) continue;
                filters++;
                var narrowed = await ann.OpenAsync($"{list}{(list.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={Uri.EscapeDataString(WebUtility.HtmlDecode(value))}");
                Assert.Equal(200, narrowed.Status);
                Assert.Contains(" selected", narrowed.Html, StringComparison.Ordinal);
            }
        }

        Assert.True(sorts >= 6, $"{sorts} sort orders");
        Assert.True(filters >= 4, $"{filters} filters");
    }

    [Fact]
    public async Task Pages_are_compressed_except_those_with_secrets_and_those_before_sign_in()
    {
        await node.CliAsync("dav", "list", TestNode.Ann);
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        foreach (var (path, isCompressed) in new[] { ("/admin/accounts", true), ("/admin/logs", true), ("/admin", true), ("/me", true), ("/me/security", true), ("/me/calendars", false) })
            Assert.True(isCompressed == await ann.IsCompressedAsync(path), path);
        await ann.PostAsync("/me/security/codes/begin", "x=y");
        Assert.False(await ann.IsCompressedAsync("/me/security"));
        using var nobody = PageVisitor.Anonymous(node);
        Assert.False(await nobody.IsCompressedAsync("/sign-in"));
        Assert.False(await ann.IsCompressedAsync("/admin/accounts", accept: "gzip;q=0, identity"));
    }

    private static async Task<List<string>> RowsAsync(PageVisitor visitor, string path) =>
        [.. Row().Matches(await visitor.GetAsync(path)).Select(static m => Tags().Replace(m.Groups["text"].Value, "").Trim())];

    [GeneratedRegex("<th scope=\"row\">(?<text>.*?)</th>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Row();

    [GeneratedRegex("<[^>]+>", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Tags();

    [GeneratedRegex("<th scope=\"col\"[^>]*><a href=\"(?<link>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Sorts();

    [GeneratedRegex("<select name=\"(?<name>[^\"]+)\".*?</select>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Options();

    [GeneratedRegex("<option value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Values();
}

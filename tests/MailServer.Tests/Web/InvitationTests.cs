using System.Net;
using System.Text.RegularExpressions;
using MailServer.Web.Listeners;

namespace MailServer.Tests.Web;

/// <summary>New accounts with a generated password, with the link of an invitation, and from a file: on the page, on the command line and in the admin API.</summary>
public sealed partial class InvitationTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Chosen = "chosen by the user 7";

    [Fact]
    public async Task The_user_of_a_link_chooses_the_password_once_and_a_double_click_is_no_failure()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var answer = await ann.SendAsync("/admin/accounts/add", await ann.FillAsync("/admin/accounts", "/admin/accounts/add", "address=guest%40example.org&how=invite"));
        Assert.Equal(200, answer.Status);
        var path = PathOf(answer.Html);
        Assert.DoesNotContain(path, (await ann.OpenAsync("/admin/accounts/show?address=guest%40example.org")).Html, StringComparison.Ordinal);

        using var guest = PageVisitor.Anonymous(node);
        var page = await guest.OpenAsync(path);
        Assert.Contains("guest@", page.Html, StringComparison.Ordinal);
        Assert.False(await guest.IsCompressedAsync(path));
        foreach (var (entered, wrong) in new[] { ("new=12345&again=12345", "fewer than 8"), ("new=one+good+phrase+1&again=another", "differ") })
        {
            var refused = await guest.SendAsync("/invitation", await guest.FillAsync(path, "/invitation", entered));
            Assert.Equal(422, refused.Status);
            Assert.Contains(wrong, refused.Html, StringComparison.Ordinal);
            Assert.Single(PageAnswer.FormsOf(refused.Html, "/invitation"));
        }

        var form = await guest.FillAsync(path, "/invitation", $"new={Uri.EscapeDataString(Chosen)}&again={Uri.EscapeDataString(Chosen)}");
        var answers = await Task.WhenAll(guest.SendAsync("/invitation", form), guest.SendAsync("/invitation", form));
        Assert.All(answers, static a => Assert.Equal(200, a.Status));
        Assert.Equal(200, (await guest.SendAsync("/invitation", form)).Status);
        using var other = PageVisitor.Anonymous(node);
        Assert.Contains("has been used already", await other.GetAsync(path), StringComparison.Ordinal);
        (await PageVisitor.SignedInAsync(node, "guest@example.org", Chosen)).Dispose();
        Assert.Contains("invitation.used", await AuditOfAsync("guest@example.org"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_opens_over_HTTPS_alone_and_a_guess_counts_as_a_failed_sign_in()
    {
        var plain = node.Doors.First(static d => d.Listener == WebListenerKind.PlainHttp);
        await using var http = new RawHttp(plain);
        Assert.NotEqual(200, (await http.SendAsync("GET", "/invitation?key=x", "mail.example.org")).Status);
        using var guest = PageVisitor.Anonymous(node);
        Assert.Contains("This link is not valid", await guest.GetAsync("/invitation?key=" + Domain.Accounts.InvitationSecret.New()), StringComparison.Ordinal);
        Assert.Contains("sign-in.unknown-invitation", await AuditOfAsync(null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_and_the_admin_API_make_links_and_passwords_that_work()
    {
        var link = (await node.CliAsync("user", "add", "cli@example.org", "--invite", "--expires", "1d")).Trim();
        Assert.Contains("/invitation?key=", link, StringComparison.Ordinal);
        Assert.Contains("cli@example.org\topen", await node.CliAsync("user", "invitation", "list"), StringComparison.Ordinal);
        await AcceptAsync(PathOf(link), "cli@example.org");
        Assert.Contains("cli@example.org\tused", await node.CliAsync("user", "invitation", "list"), StringComparison.Ordinal);

        var password = (await node.CliAsync("user", "passwd", "cli@example.org", "--generate")).Trim().Split('\t')[1];
        (await PageVisitor.SignedInAsync(node, "cli@example.org", password)).Dispose();

        await using var api = new RawHttp(node.Doors.First(static d => d.Listener == WebListenerKind.AdminSocket));
        var made = await api.SendAsync("PUT", "/admin/v1/users/api@example.org?mode=invite", "localhost", body: []);
        Assert.Equal(200, made.Status);
        await AcceptAsync(PathOf(made.Body.Replace("\\u003D", "=", StringComparison.Ordinal)), "api@example.org");
        Assert.Contains("\"state\":\"used\"", (await api.SendAsync("GET", "/admin/v1/invitations", "localhost")).Body, StringComparison.Ordinal);
        var reset = await api.SendAsync("POST", "/admin/v1/users/api@example.org/invitation?seconds=60", "localhost", body: []);
        Assert.Equal(204, (await api.SendAsync("DELETE", "/admin/v1/users/api@example.org/invitation", "localhost", body: [])).Status);
        using var guest = PageVisitor.Anonymous(node);
        Assert.Contains("This link is not valid", await guest.GetAsync(PathOf(reset.Body.Replace("\\u003D", "=", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_imported_whole_or_not_at_all_and_a_second_time_without_effect()
    {
        var file = Path.Combine(node.Folder, "users.csv");
        await node.Commands.RunAsync("alias", "add", "team@example.org", TestNode.Ann);
        await File.WriteAllTextAsync(file, "address,password,quota\nf1@example.org,,1G\nf2@example.org,123,\nteam@example.org,,\nx@missing.example,,\nwrong,,\n");
        var (code, output, error) = await node.Commands.RunAsync("user", "import", file);
        Assert.Equal(1, code);
        Assert.Contains("4 lines cannot be used; nothing was added", error, StringComparison.Ordinal);
        foreach (var (line, reason) in new[] { (3, "fewer than 8"), (4, "is an alias"), (5, "is not hosted here"), (6, "is not an email address") })
            Assert.Matches($"(?m)^{line}\t.*\tfaulty\t.*{reason}", output);
        Assert.Matches("(?m)^2\tf1@example.org\tnew\t", output);
        Assert.DoesNotContain("f1@example.org", await node.CliAsync("user", "list"), StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "address,password,quota\nf1@example.org,,1G\nf2@example.org,a good phrase 12,\nben@example.org,,\n");
        var dry = await node.CliAsync("user", "import", file, "--dry-run");
        Assert.Contains("2\tf1@example.org\tnew", dry, StringComparison.Ordinal);
        Assert.DoesNotContain("f1@example.org", await node.CliAsync("user", "list"), StringComparison.Ordinal);
        var added = await node.CliAsync("user", "import", file);
        var generated = added.Split('\n').Single(static l => l.Contains("f1@", StringComparison.Ordinal)).Split('\t')[4];
        (await PageVisitor.SignedInAsync(node, "f1@example.org", generated)).Dispose();
        (await PageVisitor.SignedInAsync(node, "f2@example.org", "a good phrase 12")).Dispose();
        Assert.Contains("ben@example.org\tunchanged", added, StringComparison.Ordinal);
        var again = await node.CliAsync("user", "import", file);
        Assert.Equal(3, again.Split("\tunchanged\t").Length - 1);
        (await PageVisitor.SignedInAsync(node, "f1@example.org", generated)).Dispose();
        Assert.Contains("1G", await node.CliAsync("user", "quota", "f1@example.org"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_reports_every_faulty_line_and_imports_with_links()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var form = await ann.FillAsync("/admin/accounts/import", "/admin/accounts/import", "how=invite&what=add");
        var refused = await ann.SendAsync("/admin/accounts/import", form, "address\np1@example.org\nwrong\np2@nowhere.example\n");
        Assert.Equal(422, refused.Status);
        var said = PageVisitor.Says(refused);
        Assert.Contains("Nothing was added.", said, StringComparison.Ordinal);
        Assert.Contains("Line 3: 'wrong' is not an email address.", said, StringComparison.Ordinal);
        Assert.Contains("Line 4: the domain 'nowhere.example' is not hosted here.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("p1@example.org", await node.CliAsync("user", "list"), StringComparison.Ordinal);
        var added = await ann.SendAsync("/admin/accounts/import", form, "address\np1@example.org\n");
        Assert.Equal(200, added.Status);
        await AcceptAsync(PathOf(added.Html), "p1@example.org");
        var check = await ann.FillAsync("/admin/accounts/import", "/admin/accounts/import", "how=generate&what=check");
        Assert.Contains("1 account would be added. 1 account exists already. Nothing was changed.", PageVisitor.Says(await ann.SendAsync("/admin/accounts/import", check, "p1@example.org\np3@example.org\n")), StringComparison.Ordinal);
        Assert.DoesNotContain("p3@example.org", await node.CliAsync("user", "list"), StringComparison.Ordinal);
    }

    private async Task AcceptAsync(string path, string address)
    {
        using var guest = PageVisitor.Anonymous(node);
        var form = await guest.FillAsync(path, "/invitation", $"new={Uri.EscapeDataString(Chosen)}&again={Uri.EscapeDataString(Chosen)}");
        Assert.Equal(200, (await guest.SendAsync("/invitation", form)).Status);
        (await PageVisitor.SignedInAsync(node, address, Chosen)).Dispose();
    }

    private async Task<string> AuditOfAsync(string? account)
    {
        // The audit log is written in the background.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        return account is null ? await node.CliAsync("audit") : await node.CliAsync("audit", "--account", account);
    }

    private static string PathOf(string text) => Link().Match(WebUtility.HtmlDecode(text).Replace("<wbr>", "", StringComparison.Ordinal)).Value;

    [GeneratedRegex("/invitation\\?key=[A-Za-z0-9_-]{43}", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Link();
}

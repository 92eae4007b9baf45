using System.Net;
using System.Text.RegularExpressions;
using MailServer.Domain;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;

namespace MailServer.Tests.Web;

/// <summary>
/// Every form of the page with input that is refused: it comes back with 422, its values and the message beside the field that is wrong, never with a password or code. A
/// form without a row fails the test.
/// </summary>
public sealed partial class RejectedFormTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Secret = "wrong horse 1234";

    /// <summary>Path, the page with the form, what is entered, and the field with the error. Empty: the message is about the whole form. Null: the page no longer shows the form.</summary>
    private static readonly (string Path, string Page, string Fields, string? Wrong)[] Rows =
    [
        ("/sign-in", "/sign-in", "address=nobody%40example.org&password=SECRET", "password"),
        ("/sign-in/code", "", "code=123456", null),
        ("/invitation", "", "key=wrong&new=SECRET&again=SECRET", null),
        ("/me/security/password", "/me/security", "current=SECRET&new=SECRET+2&again=SECRET+2", "current"),
        ("/me/security/password", "/me/security", "current=PASSWORD&new=SECRET&again=SECRET+2", "again"),
        ("/me/security/password", "/me/security", "current=PASSWORD&new=123&again=123", "new"),
        ("/me/security/codes/confirm", "/me/security", "current=PASSWORD&code=000000", "code"),
        ("/me/security/codes/recovery", "", "current=PASSWORD", null),
        ("/me/security/codes/end", "/me/security", "current=SECRET", "current"),
        ("/me/devices/add", "/me/devices", "name=Phone+7&scope=dav&current=SECRET", "current"),
        ("/me/devices/add", "/me/devices", "name=&scope=dav&current=PASSWORD", "name"),
        ("/me/devices/add", "/me/devices", "name=Phone+7&current=PASSWORD", "scope"),
        ("/me/devices/add", "/me/devices", "name=Phone+7&scope=dav&networks=everywhere&current=PASSWORD", "networks"),
        ("/me/devices/remove", "/me/devices/remove?name=missing", "name=missing", ""),
        ("/me/devices/require", "/me/devices/require?only=yes", "only=yes&current=SECRET", "current"),
        ("/me/sign-ins/end", "", "id=missing", null),
        ("/me/sign-ins/disconnect", "", "id=missing", null),
        ("/me/calendars/share", "/me/calendars", "collection=calendars/calendar&with=nobody%40example.org&access=write", "with"),
        ("/me/calendars/unshare", "", "collection=calendars/calendar&with=ben%40example.org", null),
        ("/me/calendars/link", "", "collection=calendars/missing", null),
        ("/me/calendars/unlink", "/me/calendars/unlink?collection=calendars/calendar", "collection=calendars/calendar", ""),
        ("/me/calendars/import", "/me/calendars", "collection=calendars/calendar", "file"),
        ("/me/data/import", "/me/data", "", "file"),
        ("/me/rules/save", "/me/rules/edit", "name=Bills&what-1=subject&how-1=contains&value-1=&place=delete", "value-1"),
        ("/me/rules/save", "/me/rules/edit", "name=Bills&what-1=header&how-1=exists&place=delete", "header-1"),
        ("/me/rules/save", "/me/rules/edit", "name=Bills&what-2=larger&value-2=much&place=delete", "value-2"),
        ("/me/rules/save", "/me/rules/edit", "name=Bills&what-1=&value-1=invoice&place=delete", "what-1"),
        ("/me/rules/save", "/me/rules/edit", "name=Bills&what-1=subject&how-1=is&value-1=invoice&place=", "place"),
        ("/me/rules/save", "/me/rules/edit", "name=Bills&match=any&place=move&folder=", "folder"),
        ("/me/rules/save", "/me/rules/edit", "name=Bills&place=move&new-folder=a//b", "new-folder"),
        ("/me/rules/save", "/me/rules/edit", "name=Bills&keyword-1=two+words&mark=read&stop=yes", "keyword-1"),
        ("/me/rules/save", "/me/rules/edit", "name=LONG&place=delete", "name"),
        ("/me/rules/move", "", "number=77&position=1", null),
        ("/me/rules/switch", "", "number=77&on=yes", null),
        ("/me/rules/remove", "/me/rules/remove?number=77&version=x", "number=77&version=x", ""),
        ("/me/rules/apply", "/me/rules/apply?folder=Missing&number=all", "folder=Missing&number=all", ""),
        ("/me/rules/activate", "", "include=yes", null),
        ("/me/rules/include", "", "name=missing", null),
        ("/me/rules/replace", "/me/rules/replace?version=x", "version=x", ""),
        ("/me/forwarding/ask", "/me/forwarding", "address=nobody&current=PASSWORD", "address"),
        ("/me/forwarding/ask", "/me/forwarding", "address=ben%40example.net&current=SECRET", "current"),
        ("/me/forwarding/confirm", "", "confirmation=abcd", null),
        ("/me/forwarding/set", "", "target=ben%40example.net", null),
        ("/me/forwarding/forget", "/me/forwarding/forget?address=ben%40example.net", "address=ben%40example.net", ""),
        ("/me/out-of-office/save", "/me/out-of-office", "subject=Away&audience=contacts&zone=UTC", "text"),
        ("/me/out-of-office/save", "/me/out-of-office", "start=soon&text=I+am+away.", "start"),
        ("/me/out-of-office/save", "/me/out-of-office", "start=2026-12-24T08:00&end=2026-12-24T07:00&text=I+am+away.", "end"),
        ("/admin/domains/add", "/admin/domains", "domain=not+a+domain", "domain"),
        ("/admin/domains/add", "/admin/domains", "domain=example.org", "domain"),
        ("/admin/domains/remove", "/admin/domains/remove?domain=example.org", "domain=example.org&typed=example", "typed"),
        ("/admin/domains/remove", "/admin/domains/remove?domain=example.org", "domain=example.org&typed=example.org", ""),
        ("/admin/domains/quota", "/admin/domains/show?domain=example.org", "domain=example.org&size=lots", "size"),
        ("/admin/domains/catch-all", "/admin/domains/show?domain=example.org", "domain=example.org&targets=no+address", "targets"),
        ("/admin/domains/mta-sts", "", "domain=example.org&mode=often", null),
        ("/admin/domains/comment", "/admin/domains/show?domain=example.org", "domain=example.org&comment=LONG", "comment"),
        ("/admin/domains/enable", "", "domain=missing.example", null),
        ("/admin/domains/disable", "/admin/domains/disable?domain=example.org", "domain=example.org", ""),
        ("/admin/domains/dkim/rotate", "", "domain=missing.example", null),
        ("/admin/domains/dkim/activate", "", "domain=example.org", null),
        ("/admin/domains/dkim/retire", "/admin/domains/dkim/retire?domain=example.org&selector=missing", "domain=example.org&selector=missing", ""),
        ("/admin/accounts/add", "/admin/accounts", "address=no+address&new=SECRET", "address"),
        ("/admin/accounts/add", "/admin/accounts", "address=ben%40example.org&new=SECRET", "address"),
        ("/admin/accounts/add", "/admin/accounts", "address=new%40example.org&new=12345", "new"),
        ("/admin/accounts/add", "/admin/accounts", "address=new%40example.org&how=generate&new=SECRET", "new"),
        ("/admin/accounts/invitation/add", "/admin/accounts/show?address=ben%40example.org", "address=ben%40example.org&days=30&current=SECRET", "current"),
        ("/admin/accounts/invitation/remove", "", "address=ben%40example.org", null),
        ("/admin/accounts/import", "/admin/accounts/import", "how=invite&what=add", "file"),
        ("/admin/accounts/remove", "/admin/accounts/remove?address=ben%40example.org", "address=ben%40example.org&typed=ann", "typed"),
        ("/admin/accounts/password", "/admin/accounts/show?address=ben%40example.org", "address=ben%40example.org&new=SECRET&current=SECRET", "current"),
        ("/admin/accounts/password", "/admin/accounts/show?address=ben%40example.org", "address=ben%40example.org&new=12345&current=PASSWORD", "new"),
        ("/admin/accounts/quota", "/admin/accounts/show?address=ben%40example.org", "address=ben%40example.org&size=lots", "size"),
        ("/admin/accounts/enable", "", "address=nobody%40example.org", null),
        ("/admin/accounts/disable", "/admin/accounts/disable?address=ann%40example.org", "address=ann%40example.org", ""),
        ("/admin/accounts/device", "/admin/accounts/device?address=ben%40example.org&name=missing", "address=ben%40example.org&name=missing", ""),
        ("/admin/accounts/codes", "/admin/accounts/codes?address=ben%40example.org", "address=ben%40example.org&current=SECRET", "current"),
        ("/admin/accounts/grant", "/admin/accounts/grant?address=ben%40example.org", "address=ben%40example.org&current=SECRET", "current"),
        ("/admin/accounts/revoke", "/admin/accounts/revoke?address=ann%40example.org", "address=ann%40example.org", ""),
        ("/admin/domains/alias-of", "/admin/domains/show?domain=example.org", "domain=example.org&other=no+domain", "other"),
        ("/admin/domains/alias-of", "/admin/domains/show?domain=example.org", "domain=example.org&other=example.org", "other"),
        ("/admin/lists/add", "/admin/lists", "address=no+address&owner=ann%40example.org&members=ann%40example.org", "address"),
        ("/admin/lists/add", "/admin/lists", "address=new%40example.org&owner=no+address&members=ann%40example.org", "owner"),
        ("/admin/lists/add", "/admin/lists", "address=new%40example.org&owner=ann%40example.org&members=no+address", "members"),
        ("/admin/lists/remove", "/admin/lists/remove?address=list%40example.org", "address=list%40example.org&typed=other", "typed"),
        ("/admin/lists/settings", "/admin/lists/show?address=list%40example.org", "address=list%40example.org&owner=no+address&name=x&post=members&replies=author", "owner"),
        ("/admin/lists/settings", "/admin/lists/show?address=list%40example.org", "address=list%40example.org&owner=ann%40example.org&name=LONG&post=members&replies=author", "name"),
        ("/admin/lists/members/add", "/admin/lists/show?address=list%40example.org", "address=list%40example.org&members=no+address", "members"),
        ("/admin/lists/members/remove", "", "address=list%40example.org&member=ben%40example.org", null),
        ("/admin/lists/enable", "", "address=missing%40example.org", null),
        ("/admin/lists/disable", "/admin/lists/disable?address=missing%40example.org", "address=missing%40example.org", ""),
        ("/admin/aliases/add", "/admin/aliases", "address=no+address&targets=ann%40example.org", "address"),
        ("/admin/aliases/add", "/admin/aliases", "address=info%40example.org&targets=no+address", "targets"),
        ("/admin/aliases/remove", "/admin/aliases/remove?address=known%40example.org", "address=known%40example.org&typed=other", "typed"),
        ("/admin/aliases/targets/add", "/admin/aliases/show?address=known%40example.org", "address=known%40example.org&targets=no+address", "targets"),
        ("/admin/aliases/targets/remove", "", "address=known%40example.org&target=ann%40example.org", null),
        ("/admin/aliases/comment", "/admin/aliases/show?address=known%40example.org", "address=known%40example.org&comment=LONG", "comment"),
        ("/admin/aliases/enable", "", "address=missing%40example.org", null),
        ("/admin/aliases/disable", "/admin/aliases/disable?address=missing%40example.org", "address=missing%40example.org", ""),
        ("/admin/queue/retry", "", "id=1790000000.M1P2Q3.x", null),
        ("/admin/queue/hold", "", "id=1790000000.M1P2Q3.x", null),
        ("/admin/queue/release", "", "id=1790000000.M1P2Q3.x", null),
        ("/admin/queue/delete", "/admin/queue/delete?id=1790000000.M1P2Q3.x", "id=1790000000.M1P2Q3.x", ""),
        ("/admin/queue/all/retry", "", "filter=", null),
        ("/admin/queue/all/hold", "", "filter=", null),
        ("/admin/queue/all/release", "", "filter=nonsense", null),
        ("/admin/queue/all/delete", "/admin/queue/all/delete?filter=all%3Dtrue", "filter=all%3Dtrue&typed=something", "typed"),
        ("/admin/queue/test/send", "/admin/queue/test", "recipient=no+address&sender=ann%40example.org", "recipient"),
        ("/admin/queue/test/send", "/admin/queue/test", "recipient=x%40elsewhere.example&sender=y%40elsewhere.example", "sender"),
        ("/admin/queue/pause", "/admin/queue", "domain=not+a+domain&reason=because", "domain"),
        ("/admin/queue/resume", "", "domain=missing.example", null),
        ("/admin/sessions/kick", "", "id=missing", null),
        ("/admin/certificates/renew", "", "name=missing", null),
        ("/admin/backups/run", "/admin/backups", "", ""),
        ("/admin/backups/verify", "", "name=missing", null),
        ("/admin/backups/restore", "/admin/backups/restore?name=missing&address=ben%40example.org", "name=missing&address=ben%40example.org", ""),
        ("/admin/bans/add", "/admin/bans", "address=300.1.1.1&hours=5&reason=because", "address"),
        ("/admin/bans/add", "/admin/bans", "address=192.0.2.77&hours=0&reason=because", "hours"),
        ("/admin/bans/add", "/admin/bans", "address=10.0.0.0%2F4&reason=because", "address"),
        ("/admin/bans/remove", "", "address=192.0.2.200", null),
        ("/admin/bans/allow", "/admin/bans", "address=everybody&reason=office&current=PASSWORD", "address"),
        ("/admin/bans/allow", "/admin/bans", "address=192.0.2.0%2F24&reason=office&current=SECRET", "current"),
        ("/admin/bans/disallow", "", "address=192.0.2.0%2F24", null),
        ("/admin/health/rerun", "", "name=missing", null),
    ];

    private static readonly (string Path, string Reason)[] WithoutRow =
    [
        ("/sign-out", "has no input and cannot be refused"),
        ("/me/security/codes/begin", "the same"),
        ("/me/sign-ins/end-others", "the same"),
        ("/me/out-of-office/off", "the same"),
    ];

    [Fact]
    public void Every_form_has_a_row() => Assert.Equal(
        PageRoutes.Routes(new PageSessions(Limits.Default, TimeProvider.System)).Where(static r => r.IsChange).Select(static r => r.Path).Order(StringComparer.Ordinal),
        Rows.Select(static r => r.Path).Concat(WithoutRow.Select(static r => r.Path)).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_refused_form_comes_back_with_its_values_and_the_message_beside_the_field()
    {
        await node.CliAsync("dav", "list", TestNode.Ann);
        await node.Commands.RunAsync("alias", "add", "known@example.org", TestNode.Ann);
        await node.Commands.RunAsync("lists", "add", "list@example.org", TestNode.Ann, "--owner", TestNode.Ann);
        await node.Commands.RunAsync("user", "totp", "disable", TestNode.Ann);
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var faults = new List<string>();
        foreach (var (path, page, fields, wrong) in Rows)
        {
            if (path == "/me/security/codes/confirm") await ann.PostAsync("/me/security/codes/begin", "x=y");
            using var nobody = PageVisitor.Anonymous(node);
            var visitor = path.StartsWith("/sign-in", StringComparison.Ordinal) ? nobody : ann;
            var entered = fields.Replace("SECRET", Uri.EscapeDataString(Secret), StringComparison.Ordinal).Replace("PASSWORD", Uri.EscapeDataString(TestNode.Password), StringComparison.Ordinal).Replace("LONG", new string('x', 300), StringComparison.Ordinal);
            List<KeyValuePair<string, string>> filled;
            // Codes are off, so the form that turns them off is not shown.
            var shown = path == "/me/security/codes/end" ? "" : page;
            if (shown.Length > 0) filled = await visitor.FillAsync(shown, path, entered);
            else filled = [.. PageAnswer.Parse(entered), .. (await visitor.FillAsync(visitor == nobody ? "/sign-in" : "/me", visitor == nobody ? "/sign-in" : "/sign-out", "")).Where(static f => f.Key == "token")];
            var answer = await visitor.SendAsync(path, filled);
            foreach (var fault in FaultsOf(answer, path, PageAnswer.Parse(entered), shown.Length == 0 ? null : wrong)) faults.Add($"{path} {fields}: {fault}");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task All_wrong_fields_are_told_at_once_and_the_focus_is_on_the_first()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var answer = await ann.SendAsync("/admin/aliases/add", await ann.FillAsync("/admin/aliases", "/admin/aliases/add", "address=wrong&targets=too"));
        var form = Assert.Single(PageAnswer.FormsOf(answer.Html, "/admin/aliases/add"));
        Assert.Equal(2, form.Split("aria-invalid=\"true\"").Length - 1);
        Assert.Contains("autofocus", PageAnswer.FieldOf(form, "address"), StringComparison.Ordinal);
        Assert.DoesNotContain("autofocus", PageAnswer.FieldOf(form, "targets"), StringComparison.Ordinal);
        Assert.Contains("href=\"#field-address\"", answer.Html, StringComparison.Ordinal);
        Assert.Contains("href=\"#field-targets\"", answer.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_form_that_was_posted_shows_its_values_and_errors()
    {
        await node.CliAsync("dav", "list", TestNode.Ann);
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var answer = await ann.SendAsync("/me/calendars/share", await ann.FillAsync("/me/calendars", "/me/calendars/share", "collection=addressbooks/contacts&with=nobody%40example.org&access=write"));
        var forms = PageAnswer.FormsOf(answer.Html, "/me/calendars/share").ToList();
        Assert.True(forms.Count >= 2);
        var wrong = Assert.Single(forms, static f => f.Contains("aria-invalid", StringComparison.Ordinal));
        Assert.Contains(PageAnswer.HiddenOf(wrong), static h => h is { Key: "collection", Value: "addressbooks/contacts" });
        Assert.Contains("<option value=\"write\" selected>", wrong, StringComparison.Ordinal);
        Assert.All(forms.Where(f => f != wrong), static f => Assert.DoesNotContain("nobody", f, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_form_and_every_field_comes_from_the_shared_components()
    {
        var pages = Path.Combine(TestContextFolder(), "src", "MailServer.Web", "Pages");
        var own = Directory.EnumerateFiles(pages, "*.razor", SearchOption.AllDirectories).Where(static f => !f.Contains("/Parts/", StringComparison.Ordinal))
            .Where(static f => Markup().IsMatch(File.ReadAllText(f))).Select(static f => Path.GetFileName(f)).ToList();
        Assert.Empty(own);
    }

    private static IEnumerable<string> FaultsOf(PageAnswer answer, string path, List<KeyValuePair<string, string>> entered, string? wrong)
    {
        if (answer.Status != 422) yield return $"status {answer.Status}";
        if (!answer.Html.Contains("<title>Error: ", StringComparison.Ordinal)) yield return "no error in the title";
        if (PageVisitor.Says(answer).Length == 0) yield return "no message";
        foreach (var (name, value) in entered.Where(static e => e.Value.Length > 0 && FormFields.IsSecret(e.Key)))
            if (WebUtility.HtmlDecode(answer.Html).Contains($"\"{value}\"", StringComparison.Ordinal)) yield return $"the secret '{name}' comes back";
        if (wrong is null) yield break;
        var form = PageAnswer.FormsOf(answer.Html, path).FirstOrDefault(static f => f.Contains("class=\"error\"", StringComparison.Ordinal));
        if (form is null)
        {
            yield return "the form does not say what is wrong";
            yield break;
        }

        foreach (var (name, value) in entered.Where(static e => !FormFields.IsSecret(e.Key)))
        {
            var isKept = PageAnswer.HiddenOf(form).Any(h => h.Key == name && h.Value == value) || WebUtility.HtmlDecode(PageAnswer.FieldOf(form, name)).Contains($"value=\"{value}\"", StringComparison.Ordinal)
                || form.Contains($"<option value=\"{value}\" selected", StringComparison.Ordinal) || form.Contains($"name=\"{name}\" value=\"{value}\" checked", StringComparison.Ordinal)
                || form.Contains($"\n{value}</textarea>", StringComparison.Ordinal);
            if (!isKept) yield return $"the value of '{name}' is lost";
        }

        if (!form.Contains("autofocus", StringComparison.Ordinal)) yield return "the focus is elsewhere";
        var id = wrong.Length == 0 ? "error-form" : "error-" + wrong;
        if (!Regex.IsMatch(form, $"<p class=\"error\" id=\"{id}\"[^>]*>[^<]+<", RegexOptions.None, TimeSpan.FromSeconds(1))) yield return $"no message about '{wrong}'";
        if (wrong.Length == 0) yield break;
        var field = PageAnswer.FieldOf(form, wrong);
        if (!field.Contains("aria-invalid=\"true\"", StringComparison.Ordinal) || !field.Contains($"aria-describedby=\"{id}\"", StringComparison.Ordinal)) yield return $"'{wrong}' is not marked: {field}";
        if (!answer.Html.Contains($"<a href=\"#field-{wrong}\"", StringComparison.Ordinal)) yield return $"no link to '{wrong}'";
    }

    private static string TestContextFolder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MailServer.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex("<form method=\"post\"|<(input|select|textarea)\\b(?![^>]*type=\"search\")", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Markup();
}

using System.Net;
using System.Text.RegularExpressions;
using OtpNet;

namespace MailServer.Tests.Web;

/// <summary>The pages for administrators on the HTTPS ports (<c>admin.public</c>): only with a second factor, and a password alone does not lead to one.</summary>
public sealed partial class PublicAdministrationTests(PublicAdminNode node) : IClassFixture<PublicAdminNode>
{
    private const string Reason = "need a second factor";

    [Fact]
    public async Task An_administrator_needs_a_code_there_and_a_user_sees_nothing()
    {
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben, port: node.Https);
        Assert.Equal(404, (await ben.OpenAsync("/admin")).Status);

        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann, port: node.Https);
        Assert.Equal("/me", (await ann.OpenAsync("/")).Location);
        await AssertRefusedAsync(ann);
        // Who knows the password only must not set up codes, which would open the pages.
        foreach (var (action, fields) in new[] { ("/me/security/codes/begin", ""), ("/me/security/codes/confirm", "code=123456&current=" + Uri.EscapeDataString(TestNode.Password)) })
        {
            var form = await ann.FillAsync("/me/security", "/me/security/codes/begin", "");
            var refused = await ann.SendAsync(action, [.. form, .. PageAnswer.Parse(fields)]);
            Assert.Equal(403, refused.Status);
            Assert.Contains("at the admin port", refused.Html, StringComparison.Ordinal);
        }

        // A session of the admin port, which has proved no code, is no way around.
        using var desk = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        Assert.Equal(200, (await desk.OpenAsync("/admin/accounts")).Status);
        foreach (Cookie cookie in desk.Cookies.GetCookies(desk.Root)) ann.Cookies.Add(new Cookie(cookie.Name, cookie.Value, "/", "127.0.0.1") { Secure = true });
        await AssertRefusedAsync(ann);

        var key = Base32Encoding.ToBytes(Secret().Match(await node.CliAsync("user", "totp", "enable", TestNode.Ann, "--json")).Groups["secret"].Value);
        await AssertRefusedAsync(ann);
        using var coded = PageVisitor.Anonymous(node, node.Https);
        var asked = await coded.SendAsync("/sign-in", await coded.FillAsync("/sign-in", "/sign-in", $"address=ann%40example.org&password={Uri.EscapeDataString(TestNode.Password)}"));
        Assert.Equal(303, (await coded.OpenAsync("/admin")).Status);
        var codeForm = PageAnswer.HiddenOf(PageAnswer.FormsOf(asked.Html, "/sign-in/code").Single());
        var done = await coded.SendAsync("/sign-in/code", [.. codeForm, KeyValuePair.Create("code", new Totp(key).ComputeTotp())]);
        Assert.Equal((303, "/"), (done.Status, done.Location));
        Assert.Equal("/admin", (await coded.OpenAsync("/")).Location);
        foreach (var path in (string[])["/admin", "/admin/accounts", "/admin/queue"]) Assert.Equal(200, (await coded.OpenAsync(path)).Status);

        await node.CliAsync("user", "totp", "disable", TestNode.Ann);
        await AssertRefusedAsync(coded);
    }

    private static async Task AssertRefusedAsync(PageVisitor visitor)
    {
        foreach (var path in (string[])["/admin", "/admin/accounts", "/admin/aliases/remove?address=x@example.org"])
        {
            var page = await visitor.OpenAsync(path);
            Assert.Equal(403, page.Status);
            Assert.Contains(Reason, page.Html, StringComparison.Ordinal);
        }

        var form = await visitor.FillAsync("/me/security", "/me/security/password", "");
        var post = await visitor.SendAsync("/admin/bans/add", [.. form, .. PageAnswer.Parse("address=203.0.113.7&reason=x")]);
        Assert.Equal(403, post.Status);
        Assert.DoesNotContain("<nav class=\"areas\"", post.Html, StringComparison.Ordinal);
    }

    [GeneratedRegex("\"secret\": ?\"(?<secret>[A-Z2-7]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Secret();
}

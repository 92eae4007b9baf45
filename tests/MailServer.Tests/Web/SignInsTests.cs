using System.Text.RegularExpressions;

namespace MailServer.Tests.Web;

/// <summary>The page with the sessions and sign-ins of a user.</summary>
public sealed partial class SignInsTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Gus = "gus@example.org";

    [Fact]
    public async Task An_administrator_lists_the_browsers_of_a_user_and_signs_them_out()
    {
        await node.Commands.RunAsync("user", "add", "gil@example.org", "--password", TestNode.Password);
        using var first = await PageVisitor.SignedInAsync(node, "gil@example.org");
        using var second = await PageVisitor.SignedInAsync(node, "gil@example.org");
        var listed = (await node.CliAsync("sessions", "page", "list", "--account", "gil@example.org")).Trim().Split('\n');
        Assert.Equal(2, listed.Length);
        Assert.All(listed, static l => Assert.Equal("gil@example.org", l.Split('\t')[1]));
        Assert.Contains(listed[0].Split('\t')[0], await node.CliAsync("sessions", "page", "list"), StringComparison.Ordinal);
        // The one used last is the first.
        await node.CliAsync("sessions", "page", "end", listed[0].Split('\t')[0]);
        Assert.Equal(303, (await second.OpenAsync("/me")).Status);
        Assert.Equal(200, (await first.OpenAsync("/me")).Status);
        Assert.Contains("ended 1 session of gil@example.org", await node.CliAsync("sessions", "page", "end", "--account", "gil@example.org"), StringComparison.Ordinal);
        Assert.Equal(303, (await first.OpenAsync("/me")).Status);
        Assert.Empty(await node.CliAsync("sessions", "page", "list", "--account", "gil@example.org"));
    }

    [Fact]
    public async Task Browsers_are_listed_and_signed_out_one_by_one_or_all_others_at_once_on_every_port()
    {
        await node.CliAsync("user", "add", Gus, "--password", TestNode.Password);
        using var first = await PageVisitor.SignedInAsync(node, Gus);
        using var second = await PageVisitor.SignedInAsync(node, Gus, port: node.Https);
        using var third = await PageVisitor.SignedInAsync(node, Gus);
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben);
        var page = await second.OpenAsync("/me/sign-ins");
        Assert.Single(Regex.Matches(page.Html, "This browser", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Contains("127.0.0.1", page.Html, StringComparison.Ordinal);
        var ids = PageAnswer.FormsOf(page.Html, "/me/sign-ins/end").Select(static f => PageAnswer.HiddenOf(f).Single(static h => h.Key == "id").Value).ToList();
        Assert.Equal(2, ids.Distinct().Count());

        // Another user's session is not theirs to end.
        var own = await ben.FillAsync("/me/sign-ins", "/me/sign-ins/end-others", "");
        Assert.Equal(422, (await ben.SendAsync("/me/sign-ins/end", [.. own, KeyValuePair.Create("id", ids[0])])).Status);
        var ended = await second.SendAsync("/me/sign-ins/end", await second.FillAsync("/me/sign-ins", "/me/sign-ins/end", "id=" + ids[0]));
        Assert.StartsWith("The browser is signed out.", PageVisitor.Says(await second.FollowAsync(ended)), StringComparison.Ordinal);
        Assert.Single(new[] { await first.OpenAsync("/me"), await third.OpenAsync("/me") }, static a => a.Status == 200);
        Assert.Equal(200, (await second.OpenAsync("/me")).Status);

        var rest = await second.SendAsync("/me/sign-ins/end-others", await second.FillAsync("/me/sign-ins", "/me/sign-ins/end-others", ""));
        Assert.StartsWith("Every other browser is signed out.", PageVisitor.Says(await second.FollowAsync(rest)), StringComparison.Ordinal);
        Assert.All(new[] { await first.OpenAsync("/me"), await third.OpenAsync("/me") }, static a => Assert.Equal(303, a.Status));
        Assert.Equal((200, 200), ((await second.OpenAsync("/me")).Status, (await ben.OpenAsync("/me")).Status));
        var none = await second.SendAsync("/me/sign-ins/end-others", await second.FillAsync("/me/sign-ins", "/me/sign-ins/end-others", ""));
        Assert.StartsWith("Nothing changed: no other browser is signed in.", PageVisitor.Says(await second.FollowAsync(none)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_ins_and_failures_of_the_account_are_listed_and_no_others()
    {
        using (var wrong = PageVisitor.Anonymous(node))
            await wrong.SendAsync("/sign-in", await wrong.FillAsync("/sign-in", "/sign-in", "address=BEN%40example.org&password=wrong"));
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben);
        var page = "";
        // Events are written in the background.
        for (var tries = 0; tries < 200 && !(Rows().Matches(page).Any(static r => r.Value.Contains("Signed in", StringComparison.Ordinal)) && page.Contains("Failed", StringComparison.Ordinal)); tries++)
        {
            page = (await ben.OpenAsync("/me/sign-ins")).Html;
            await Task.Delay(50);
        }

        var rows = Rows().Matches(page).Select(static r => r.Value).ToList();
        Assert.Contains(rows, static r => r.Contains("Failed", StringComparison.Ordinal) && r.Contains("This page", StringComparison.Ordinal));
        Assert.Contains(rows, static r => r.Contains("Signed in", StringComparison.Ordinal));
        Assert.DoesNotContain("ann@example.org", page, StringComparison.Ordinal);
        Assert.DoesNotContain("page.request", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("<tr>.*?</tr>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Rows();
}

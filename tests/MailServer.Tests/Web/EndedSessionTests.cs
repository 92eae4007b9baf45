using System.Net;

namespace MailServer.Tests.Web;

/// <summary>What happens to the place and the form of a user whose session has ended.</summary>
public sealed class EndedSessionTests(TestNode node) : IClassFixture<TestNode>
{
    [Fact]
    public async Task After_sign_in_the_page_that_was_asked_for_is_opened_and_the_reason_is_told()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        End(ann);
        var sent = await ann.OpenAsync("/admin/accounts?domain=example.org");
        Assert.Equal((303, "/sign-in?to=%2Fadmin%2Faccounts%3Fdomain%3Dexample.org&ended=yes"), (sent.Status, sent.Location));
        Assert.Contains("Your session has ended. Sign in to continue where you were.", await ann.GetAsync(sent.Location), StringComparison.Ordinal);
        var wrong = await ann.SendAsync("/sign-in", await ann.FillAsync(sent.Location, "/sign-in", "address=ann%40example.org&password=wrong"));
        Assert.Equal(422, wrong.Status);
        var form = PageAnswer.HiddenOf(PageAnswer.FormsOf(wrong.Html, "/sign-in").Single());
        var done = await ann.SendAsync("/sign-in", [.. form, KeyValuePair.Create("address", TestNode.Ann), KeyValuePair.Create("password", TestNode.Password)]);
        Assert.Equal((303, "/admin/accounts?domain=example.org"), (done.Status, done.Location));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/me")]
    [InlineData("/\\evil.example")]
    [InlineData("/me/devices/add")]
    [InlineData("/nothing")]
    [InlineData("/admin/accounts")]
    [InlineData("/me\r\nX: y")]
    public async Task Only_an_own_page_is_opened_after_sign_in(string to)
    {
        using var ben = PageVisitor.Anonymous(node);
        var form = await ben.FillAsync("/sign-in", "/sign-in", $"address=ben%40example.org&password={Uri.EscapeDataString(TestNode.Password)}&to={Uri.EscapeDataString(to)}");
        var done = await ben.SendAsync("/sign-in", form);
        Assert.Equal((303, "/"), (done.Status, done.Location));
    }

    [Fact]
    public async Task A_form_that_is_sent_after_the_session_has_ended_is_not_executed_and_comes_back_after_sign_in_without_passwords()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var filled = await ann.FillAsync("/me/devices", "/me/devices/add", "name=My+%22new%22+phone&scope=dav&current=" + Uri.EscapeDataString(TestNode.Password));
        End(ann);
        var asked = await ann.SendAsync("/me/devices/add", filled);
        Assert.Equal(403, asked.Status);
        Assert.Contains("has not taken effect", asked.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(Uri.EscapeDataString(TestNode.Password), asked.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(TestNode.Password, WebUtility.HtmlDecode(asked.Html), StringComparison.Ordinal);

        var form = PageAnswer.HiddenOf(PageAnswer.FormsOf(asked.Html, "/sign-in").Single());
        var wrong = await ann.SendAsync("/sign-in", [.. form, KeyValuePair.Create("address", TestNode.Ann), KeyValuePair.Create("password", "wrong")]);
        form = PageAnswer.HiddenOf(PageAnswer.FormsOf(wrong.Html, "/sign-in").Single());
        var back = await ann.SendAsync("/sign-in", [.. form, KeyValuePair.Create("address", TestNode.Ann), KeyValuePair.Create("password", TestNode.Password)]);
        Assert.Equal(200, back.Status);
        Assert.Contains("The form has not been sent yet", back.Html, StringComparison.Ordinal);
        var again = Assert.Single(PageAnswer.FormsOf(back.Html, "/me/devices/add"));
        Assert.Contains("value=\"My &quot;new&quot; phone\"", again, StringComparison.Ordinal);
        Assert.Contains("value=\"dav\" checked", again, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"mail\" checked", again, StringComparison.Ordinal);
        Assert.DoesNotContain("My \"new\" phone", await node.CliAsync("user", "app-password", "list", TestNode.Ann), StringComparison.Ordinal);

        var sent = await ann.SendAsync("/me/devices/add", [.. PageAnswer.HiddenOf(again), .. PageAnswer.Parse("name=My+%22new%22+phone&scope=dav&current=" + Uri.EscapeDataString(TestNode.Password))]);
        Assert.Contains("class=\"secret\"", sent.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_too_large_to_keep_is_reported_as_lost_and_sign_in_leads_to_its_page()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var filled = await ann.FillAsync("/admin/aliases", "/admin/aliases/add", "address=info%40example.org&targets=" + new string('x', 40_000));
        End(ann);
        var asked = await ann.SendAsync("/admin/aliases/add", filled);
        Assert.Contains("Fill it in again", asked.Html, StringComparison.Ordinal);
        var form = PageAnswer.HiddenOf(PageAnswer.FormsOf(asked.Html, "/sign-in").Single());
        var done = await ann.SendAsync("/sign-in", [.. form, KeyValuePair.Create("address", TestNode.Ann), KeyValuePair.Create("password", TestNode.Password)]);
        Assert.Equal((303, "/admin/aliases"), (done.Status, done.Location));
    }

    [Fact]
    public async Task A_form_of_an_administrator_is_not_shown_to_a_user_who_signs_in()
    {
        using var visitor = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var filled = await visitor.FillAsync("/admin/aliases", "/admin/aliases/add", "address=info%40example.org&targets=secret%40example.org");
        End(visitor);
        var form = PageAnswer.HiddenOf(PageAnswer.FormsOf((await visitor.SendAsync("/admin/aliases/add", filled)).Html, "/sign-in").Single());
        var done = await visitor.SendAsync("/sign-in", [.. form, KeyValuePair.Create("address", TestNode.Ben), KeyValuePair.Create("password", TestNode.Password)]);
        Assert.Equal((303, "/"), (done.Status, done.Location));
    }

    /// <summary>The browser keeps a cookie that the server does not know any more.</summary>
    private static void End(PageVisitor visitor)
    {
        foreach (Cookie cookie in visitor.Cookies.GetCookies(visitor.Root))
            if (cookie.Name.EndsWith("session", StringComparison.Ordinal)) cookie.Value = new string('A', 43);
    }
}

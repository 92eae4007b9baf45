using System.Net;
using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.EndToEnd.Tests.WebPage;

namespace MailServer.EndToEnd.Tests.Filtering;

/// <summary>Rules and automatic replies that a user makes on the page, at work: mail arrives over SMTP and is read over IMAP.</summary>
public sealed class RulesTests(SieveServer shared) : IClassFixture<SieveServer>
{
    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task A_rule_made_on_the_page_sorts_the_mail_that_arrives_from_then_on()
    {
        var user = await _server.AddUserAsync();
        using var browser = await Browser.SignedInAsync(_server, user);
        await _server.DeliverAsync(TestMail.Text(user, "invoice 1"), user);
        await SavedAsync(browser, ("name", "Bills"), ("what-1", "subject"), ("how-1", "contains"), ("value-1", "invoice"), ("place", "move"), ("new-folder", "Bills/2026"), ("mark", "read"), ("then", "save"));
        await _server.DeliverAsync(TestMail.Text(user, "your invoice 2"), user);
        await _server.DeliverAsync(TestMail.Text(user, "hello"), user);
        Assert.Equal("Bills/2026:Seen INBOX INBOX", await FoldersAsync(user));
        Assert.Contains("If subject contains invoice:", (await browser.GetAsync("/me/rules")).Html.Replace("<wbr>", "", StringComparison.Ordinal), StringComparison.Ordinal);

        // Tried on what is there, then applied to it.
        var tried = (await browser.GetAsync("/me/rules/try?number=1")).Html;
        Assert.Contains("invoice 1", tried, StringComparison.Ordinal);
        Assert.DoesNotContain("hello", tried, StringComparison.Ordinal);
        Assert.Equal("Bills/2026:Seen INBOX INBOX", await FoldersAsync(user));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/me/rules/apply", ("folder", "INBOX"), ("number", "1"))).Status);
        Assert.Equal("Bills/2026:Seen Bills/2026:Seen INBOX", await FoldersAsync(user));
    }

    [Fact]
    public async Task A_rule_that_is_saved_to_be_tried_first_does_nothing_until_it_is_switched_on()
    {
        var user = await _server.AddUserAsync();
        using var browser = await Browser.SignedInAsync(_server, user);
        await SavedAsync(browser, ("place", "delete"), ("then", "try"));
        await _server.DeliverAsync(TestMail.Text(user, "one"), user);
        Assert.Equal("INBOX", await FoldersAsync(user));
        await browser.PostAsync("/me/rules/switch", ("number", "1"), ("on", "yes"));
        await _server.DeliverAsync(TestMail.Text(user, "two"), user);
        Assert.Equal("INBOX", await FoldersAsync(user));
    }

    [Fact]
    public async Task The_order_of_rules_decides()
    {
        var user = await _server.AddUserAsync();
        (await _server.CliAsync("rules", "add", user, "--then", "move to Archive", "--then", "stop")).Succeeded();
        (await _server.CliAsync("rules", "add", user, "--if", "subject contains two", "--then", "move to Trash", "--then", "stop")).Succeeded();
        await _server.DeliverAsync(TestMail.Text(user, "two"), user);
        using var browser = await Browser.SignedInAsync(_server, user);
        await browser.PostAsync("/me/rules/move", ("number", "2"), ("position", "1"));
        await _server.DeliverAsync(TestMail.Text(user, "two"), user);
        Assert.Equal("Archive Trash", await FoldersAsync(user));
    }

    [Fact]
    public async Task An_automatic_reply_made_on_the_page_answers_once_and_ends_by_itself()
    {
        string[] users = [await _server.AddUserAsync(), await _server.AddUserAsync()];
        using var browser = await Browser.SignedInAsync(_server, users[1]);
        var now = DateTime.UtcNow;
        await browser.PostAsync("/me/out-of-office/save", ("start", $"{now.AddDays(-1):yyyy-MM-ddTHH:mm}"), ("end", $"{now.AddDays(1):yyyy-MM-ddTHH:mm}"), ("zone", "UTC"), ("subject", "Away"), ("text", "I am away."));
        Assert.Contains("Automatic replies are on until", (await browser.GetAsync("/me")).Html, StringComparison.Ordinal);
        await SendAsync(users[0], users[1], "question 1");
        await SendAsync(users[0], users[1], "question 2");
        await Eventually.BecomesTrueAsync(async () => await FoldersAsync(users[0]) == "INBOX", "the reply arrives");
        await browser.PostAsync("/me/out-of-office/save", ("start", $"{now.AddDays(-9):yyyy-MM-ddTHH:mm}"), ("end", $"{now.AddDays(-8):yyyy-MM-ddTHH:mm}"), ("zone", "UTC"), ("subject", "Away"), ("text", "I was away."));
        Assert.DoesNotContain("Automatic replies are on", (await browser.GetAsync("/me")).Html, StringComparison.Ordinal);
        var other = await _server.AddUserAsync();
        await SendAsync(other, users[1], "question 3");
        await QueueIsEmptyAsync();
        Assert.Equal(("INBOX", "", "INBOX INBOX INBOX"), (await FoldersAsync(users[0]), await FoldersAsync(other), await FoldersAsync(users[1])));
        var (client, inbox) = await _server.InboxAsync(users[0]);
        using var _ = client;
        Assert.Equal("Away", (await inbox.GetMessageAsync(0)).Subject);
    }

    [Fact]
    public async Task The_script_of_another_program_is_never_touched_and_can_run_after_the_rules()
    {
        var user = await _server.AddUserAsync();
        var other = await PutAsync(user, "webmail", "require \"fileinto\"; if header :contains \"subject\" \"old\" { fileinto \"Archive\"; } # mine");
        (await _server.CliAsync("rules", "add", user, "--if", "subject contains new", "--then", "move to Trash", "--then", "stop")).Succeeded();
        using var browser = await Browser.SignedInAsync(_server, user);
        Assert.Contains("The rules on this page do not run", (await browser.GetAsync("/me/rules")).Html, StringComparison.Ordinal);
        await _server.DeliverAsync(TestMail.Text(user, "new 1"), user);
        Assert.Equal("INBOX", await FoldersAsync(user));
        await browser.PostAsync("/me/rules/activate", ("include", "yes"));
        await _server.DeliverAsync(TestMail.Text(user, "new 2"), user);
        await _server.DeliverAsync(TestMail.Text(user, "old 1"), user);
        Assert.Equal("Archive INBOX Trash", await FoldersAsync(user));
        Assert.Equal(other, (await _server.CliAsync("sieve", "get", user, "webmail")).Succeeded().Output);
    }

    [Fact]
    public async Task Rules_that_were_edited_with_another_program_run_and_are_shown_and_replaced_only_if_the_user_wants()
    {
        var user = await _server.AddUserAsync();
        var edited = await PutAsync(user, "rules", "require \"fileinto\"; if anyof (header :contains \"subject\" [\"a\", \"b\"]) { fileinto \"Archive\"; }");
        await _server.DeliverAsync(TestMail.Text(user, "b"), user);
        using var browser = await Browser.SignedInAsync(_server, user);
        Assert.Contains("line 1 has a test 'header' that is not a condition of a rule", WebUtility.HtmlDecode((await browser.GetAsync("/me/rules")).Html), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.PostAsync("/me/rules/save", ("place", "delete"))).Status);
        Assert.NotEqual(0, (await _server.CliAsync("rules", "add", user, "--then", "delete")).ExitCode);
        Assert.Equal(edited, (await _server.CliAsync("sieve", "get", user, "rules")).Succeeded().Output);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/me/rules/replace", ("version", "x"))).Status);
        Assert.Equal(edited, (await _server.CliAsync("sieve", "get", user, "rules-old-1")).Succeeded().Output);
        (await _server.CliAsync("rules", "add", user, "--then", "move to Trash")).Succeeded();
        await _server.DeliverAsync(TestMail.Text(user, "b"), user);
        Assert.Equal("Archive Trash", await FoldersAsync(user));
    }

    [Fact]
    public async Task Rules_and_scripts_are_tried_on_a_folder_and_applied_to_it_from_the_command_line()
    {
        var user = await _server.AddUserAsync();
        foreach (var subject in new[] { "one", "two", "three", "four" }) await _server.DeliverAsync(TestMail.Text(user, subject), user);
        (await _server.CliAsync("rules", "add", user, "--if", "subject is one", "--then", "copy to Archive", "--then", "mark as flagged")).Succeeded();
        (await _server.CliAsync("rules", "add", user, "--if", "subject is two", "--then", "delete", "--then", "stop")).Succeeded();
        (await _server.CliAsync("rules", "add", user, "--if", "subject is three", "--then", "move to Missing")).Succeeded();
        var tried = (await _server.CliAsync("rules", "try", user)).Succeeded().Output;
        Assert.Contains("INBOX: 4 messages examined, 3 matched; nothing was done", tried, StringComparison.Ordinal);
        Assert.Contains("one\tcopy to Archive and mark with \\Flagged", tried, StringComparison.Ordinal);
        Assert.Equal("INBOX INBOX INBOX INBOX", await FoldersAsync(user));
        var applied = await _server.CliAsync("rules", "apply", user, "INBOX");
        Assert.NotEqual(0, applied.ExitCode);
        Assert.Contains("there is no folder 'Missing'", applied.Error, StringComparison.Ordinal);
        Assert.Contains("0 moved, 1 copied, 1 marked, 1 deleted, 1 left as they are", applied.Output, StringComparison.Ordinal);
        Assert.Equal("Archive:Flagged INBOX INBOX INBOX:Flagged", await FoldersAsync(user));
        await PutAsync(user, "cleanup", "require [\"fileinto\", \"mailbox\"]; fileinto :create \"All\";", activate: false);
        Assert.Contains("3 matched; nothing was done", (await _server.CliAsync("sieve", "run", user, "INBOX", "--script", "cleanup", "--dry-run")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("3 moved", (await _server.CliAsync("sieve", "run", user, "INBOX", "--script", "cleanup")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("All All All:Flagged Archive:Flagged", await FoldersAsync(user));
    }

    [Fact]
    public async Task Nothing_is_forwarded_before_the_address_has_agreed()
    {
        var user = await _server.AddUserAsync();
        var target = $"{Guid.NewGuid():N}@elsewhere.example";
        using var browser = await Browser.SignedInAsync(_server, user);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.PostAsync("/me/forwarding/set", ("target", target))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.PostAsync("/me/rules/save", ("forward-1", target))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/me/forwarding/ask", ("address", target), ("current", ServerProcess.Password))).Status);
        SunkMessage? asked = null;
        await Eventually.BecomesTrueAsync(() => (asked = shared.Sink.Messages.FirstOrDefault(m => m.Recipients.Contains(target))) is not null, "the address is asked");
        var code = System.Text.RegularExpressions.Regex.Match(asked!.Content, "[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.PostAsync("/me/forwarding/confirm", ("confirmation", "aaaa-bbbb-cccc"))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.PostAsync("/me/forwarding/set", ("target", target))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/me/forwarding/confirm", ("confirmation", code))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/me/forwarding/set", ("target", target), ("copy", "yes"))).Status);
        var subject = TestMail.NewSubject();
        await _server.DeliverAsync(TestMail.Text(user, subject), user);
        await Eventually.BecomesTrueAsync(() => shared.Sink.Messages.Any(m => m.Recipients.Contains(target) && m.Content.Contains(subject, StringComparison.Ordinal)), "the message is forwarded");
        Assert.Equal("INBOX", await FoldersAsync(user));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/me/forwarding/set", ("target", target), ("copy", "no"))).Status);
        await _server.DeliverAsync(TestMail.Text(user, TestMail.NewSubject()), user);
        Assert.Equal("INBOX", await FoldersAsync(user));
        Assert.NotEqual(0, (await _server.CliAsync("forwarding", "forget", user, target)).ExitCode);
        (await _server.CliAsync("forwarding", "off", user)).Succeeded();
        (await _server.CliAsync("forwarding", "forget", user, target)).Succeeded();
        Assert.NotEqual(0, (await _server.CliAsync("forwarding", "set", user, target)).ExitCode);
    }

    [Fact]
    public async Task An_address_is_not_asked_again_and_again()
    {
        var user = await _server.AddUserAsync();
        for (var i = 0; i < 3; i++) (await _server.CliAsync("forwarding", "ask", user, "far@elsewhere.example")).Succeeded();
        Assert.Contains("got 3 messages already", (await _server.CliAsync("forwarding", "ask", user, "far@elsewhere.example")).Error, StringComparison.Ordinal);
    }

    private static async Task SavedAsync(Browser browser, params (string, string)[] fields)
    {
        var answer = await browser.PostAsync("/me/rules/save", fields);
        Assert.True(answer.Status == HttpStatusCode.SeeOther, answer.Html);
    }

    private async Task SendAsync(string from, string to, string subject)
    {
        using var client = await _server.SubmitAsync(from);
        await client.SendAsync(MailKitClients.Letter(from, to, subject));
    }

    private async Task<string> PutAsync(string user, string name, string script, bool activate = true)
    {
        var file = Path.Combine(shared.Folder, Guid.NewGuid().ToString("N") + ".sieve");
        await File.WriteAllTextAsync(file, script);
        string[] put = ["sieve", "put", user, name, file];
        (await _server.CliAsync(activate ? [.. put, "--activate"] : put)).Succeeded();
        return script;
    }

    /// <summary>The folder of each message, with its flags, sorted.</summary>
    private async Task<string> FoldersAsync(string user)
    {
        using var client = await _server.ImapAsync(user);
        var found = new List<string>();
        foreach (var folder in await client.GetFoldersAsync(client.PersonalNamespaces[0]))
        {
            if (folder.Attributes.HasFlag(FolderAttributes.NonExistent) || folder.Attributes.HasFlag(FolderAttributes.NoSelect)) continue;
            await folder.OpenAsync(FolderAccess.ReadOnly);
            if (folder.Count == 0) continue;
            foreach (var message in await folder.FetchAsync(0, -1, MessageSummaryItems.Flags))
                found.Add(folder.FullName + ((message.Flags & ~MessageFlags.Recent) is { } flags and not MessageFlags.None ? $":{flags}" : ""));
        }

        return string.Join(' ', found.Order(StringComparer.Ordinal));
    }

    private Task QueueIsEmptyAsync() =>
        Eventually.BecomesTrueAsync(async () => (await _server.CliAsync("queue", "list")).Succeeded().Output.Trim().Length == 0, "the queue is empty", TimeSpan.FromSeconds(30));
}

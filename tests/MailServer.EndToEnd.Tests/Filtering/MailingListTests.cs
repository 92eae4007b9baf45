using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Filtering;

/// <summary>Mailing lists of a running server: who gets a message, who may write, where bounces go, and that nothing goes round.</summary>
public sealed class MailingListTests(SieveServer shared) : IClassFixture<SieveServer>
{
    private static int Sequence;

    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task A_message_of_a_member_reaches_all_members_once_and_bounces_go_to_the_owner()
    {
        var (ann, ben) = (await _server.AddUserAsync(), await _server.AddUserAsync());
        var list = await AddListAsync(ann, [ann, ben, "zoe@elsewhere.example", "refused@elsewhere.example"]);
        var subject = await PostAsync(ben, list);
        var sent = await SentAsync(subject);
        Assert.Equal((Service(list, "-bounces"), "zoe@elsewhere.example"), (sent.Sender, Assert.Single(sent.Recipients)));
        Assert.Contains($"List-Id: <{list.Replace('@', '.')}>\r\n", sent.Content, StringComparison.Ordinal);
        Assert.Contains($"From: {ben}", sent.Content, StringComparison.Ordinal);
        Assert.Contains("DKIM-Signature:", sent.Content, StringComparison.Ordinal);
        Assert.DoesNotContain("Return-Path:", sent.Content, StringComparison.Ordinal);
        await Eventually.BecomesTrueAsync(() => _server.FilesWith(subject).Count(IsCopy) == 2, "both members have the message");
        var (client, inbox) = await _server.InboxAsync(ann);
        using var _ = client;
        await Eventually.BecomesTrueAsync(async () => { await inbox.CheckAsync(); return inbox.Count == 2; }, "the owner gets the bounce");
        var messages = new[] { await inbox.GetMessageAsync(0), await inbox.GetMessageAsync(1) };
        var copy = messages.Single(m => m.Subject == subject);
        Assert.Equal(("list", $"<mailto:{list}>", $"<{Service(list, "-bounces")}>"), (copy.Headers["Precedence"], copy.Headers["List-Post"], copy.Headers["Return-Path"]));
        Assert.Contains("refused@elsewhere.example", messages.Single(m => m.Subject != subject).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_those_who_may_write_are_taken()
    {
        var (ann, ben, carol) = (await _server.AddUserAsync(), await _server.AddUserAsync(), await _server.AddUserAsync());
        var list = await AddListAsync(ann, [ben, "zoe@elsewhere.example"]);
        Assert.StartsWith("550 5.7.1 You are not allowed", await OfferAsync(TestMail.Text(list, "x"), list), StringComparison.Ordinal);
        Assert.Equal("zoe@elsewhere.example", (await SentAsync(await DeliverAsync("zoe@elsewhere.example", list))).Recipients.Single());
        await Assert.ThrowsAnyAsync<Exception>(() => PostAsync(carol, list));
        await PostAsync(ann, list);
        (await _server.CliAsync("lists", "set", list, "--post", "owner")).Succeeded();
        await Assert.ThrowsAnyAsync<Exception>(() => PostAsync(ben, list));
        await PostAsync(ann, list);
        (await _server.CliAsync("lists", "set", list, "--post", "anyone")).Succeeded();
        await SentAsync(await DeliverAsync("someone@sender.example", list));
        (await _server.CliAsync("lists", "disable", list)).Succeeded();
        Assert.StartsWith("550 5.2.1", await OfferAsync(TestMail.Text(list, "x"), list), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_lists_that_are_members_of_each_other_send_a_message_once()
    {
        var (ann, ben) = (await _server.AddUserAsync(), await _server.AddUserAsync());
        var first = await AddListAsync(ann, [ann, "zoe@elsewhere.example"]);
        var second = await AddListAsync(ann, [ben, "zoe@elsewhere.example", first]);
        (await _server.CliAsync("lists", "subscribe", first, second)).Succeeded();
        var subject = await PostAsync(ann, first);
        await SentAsync(subject);
        await Eventually.BecomesTrueAsync(() => _server.FilesWith(subject).Count(IsCopy) == 2, "both have the message");
        await QueueIsEmptyAsync();
        Assert.Equal(2, _server.FilesWith(subject).Count(IsCopy));
        Assert.Single(shared.Sink.Messages, m => m.Content.Contains(subject, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_comes_back_from_another_servers_list_ends_here()
    {
        var ann = await _server.AddUserAsync();
        var list = await AddListAsync(ann, ["zoe@elsewhere.example", "round@elsewhere.example"], "--post", "anyone");
        var sent = await SentAsync(await PostAsync(ann, list));
        var count = shared.Sink.Messages.Count;
        Assert.StartsWith("250", await OfferAsync("List-Id: <round.elsewhere.example>\r\n" + Without(sent.Content, "List-Id"), list), StringComparison.Ordinal);
        await QueueIsEmptyAsync();
        Assert.Equal(count, shared.Sink.Messages.Count);
    }

    [Fact]
    public async Task An_alias_that_leads_to_the_list_as_its_own_member_ends()
    {
        var ann = await _server.AddUserAsync();
        var list = await AddListAsync(ann, [ann]);
        var alias = "round-" + list;
        (await _server.CliAsync("alias", "add", alias, list)).Succeeded();
        (await _server.CliAsync("lists", "subscribe", list, alias)).Succeeded();
        Assert.NotEqual(0, (await _server.CliAsync("lists", "subscribe", list, list)).ExitCode);
        var subject = await PostAsync(ann, alias);
        await Eventually.BecomesTrueAsync(() => _server.FilesWith(subject).Count(IsCopy) == 1, "the member has the message");
        await QueueIsEmptyAsync();
        Assert.Single(_server.FilesWith(subject), IsCopy);
    }

    [Fact]
    public async Task Automatic_replies_are_neither_sent_to_the_list_nor_by_its_members_about_its_messages()
    {
        var (ann, ben) = (await _server.AddUserAsync(), await _server.AddUserAsync());
        var list = await AddListAsync(ann, [ann, ben], "--post", "anyone", "--replies", "list");
        var script = Path.Combine(shared.Folder, Guid.NewGuid().ToString("N") + ".sieve");
        await File.WriteAllTextAsync(script, $"require \"vacation\"; vacation :addresses [\"{list}\"] \"I am away.\";");
        (await _server.CliAsync("sieve", "put", ben, "main", script, "--activate")).Succeeded();
        var subject = await PostAsync(ann, list);
        await Eventually.BecomesTrueAsync(() => _server.FilesWith(subject).Count(IsCopy) == 2, "both have the message");
        await QueueIsEmptyAsync();
        Assert.Empty(_server.FilesWith("I am away."));
        Assert.StartsWith("550 5.7.1 A mailing list does not take", await OfferAsync("Auto-Submitted: auto-replied\r\n" + TestMail.Text(list, "x"), list), StringComparison.Ordinal);
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        Assert.StartsWith("550 5.7.1 A mailing list does not take", await wire.TransactionAsync("", [list], TestMail.Text(list, "x")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_cannot_redirect_to_a_list_and_keeps_the_message()
    {
        var (ann, ben) = (await _server.AddUserAsync(), await _server.AddUserAsync());
        var list = await AddListAsync(ann, [ann], "--post", "anyone");
        var script = Path.Combine(shared.Folder, Guid.NewGuid().ToString("N") + ".sieve");
        await File.WriteAllTextAsync(script, $"redirect \"{list}\";");
        (await _server.CliAsync("sieve", "put", ben, "main", script, "--activate")).Succeeded();
        var subject = TestMail.NewSubject();
        await _server.DeliverAsync(TestMail.Text(ben, subject), ben);
        await QueueIsEmptyAsync();
        Assert.Single(_server.FilesWith(subject));
    }

    [Fact]
    public async Task A_list_among_other_recipients_that_refuses_leaves_them_their_message_and_tells_a_known_sender()
    {
        var (ann, ben, carol) = (await _server.AddUserAsync(), await _server.AddUserAsync(), await _server.AddUserAsync());
        var list = await AddListAsync(ann, [ann]);
        var subject = TestMail.NewSubject();
        using (var client = await _server.SubmitAsync(carol))
        {
            var letter = MailKitClients.Letter(carol, list, subject);
            letter.To.Add(MimeKit.MailboxAddress.Parse(ben));
            await client.SendAsync(letter);
        }

        var (reader, inbox) = await _server.InboxAsync(carol);
        using var _ = reader;
        await Eventually.BecomesTrueAsync(async () => { await inbox.CheckAsync(); return inbox.Count == 1; }, "the sender is told");
        Assert.Contains("not allowed to write", (await inbox.GetMessageAsync(0)).ToString(), StringComparison.Ordinal);
        var (other, members) = await _server.InboxAsync(ann);
        using var __ = other;
        Assert.Equal(0, members.Count);
        Assert.Contains(_server.FilesWith(subject), f => !IsCopy(f));
    }

    [Fact]
    public async Task Mail_for_a_domain_alias_and_a_pattern_arrives()
    {
        var ann = await _server.AddUserAsync();
        var domain = $"alias{Interlocked.Increment(ref Sequence)}.test";
        (await _server.CliAsync("domain", "add", domain)).Succeeded();
        (await _server.CliAsync("domain", "alias-of", domain, _server.Domain)).Succeeded();
        var pattern = $"p{Interlocked.Increment(ref Sequence)}-*@{_server.Domain}";
        (await _server.CliAsync("alias", "add", pattern, ann)).Succeeded();
        var (one, two) = (TestMail.NewSubject(), TestMail.NewSubject());
        await _server.DeliverAsync(TestMail.Text(ann, one), ann.Replace(_server.Domain, domain, StringComparison.Ordinal));
        await _server.DeliverAsync(TestMail.Text(ann, two), pattern.Replace("*", "anything", StringComparison.Ordinal).Replace(_server.Domain, domain, StringComparison.Ordinal));
        Assert.Single(_server.FilesWith(one));
        Assert.Single(_server.FilesWith(two));
    }

    [Fact]
    public async Task Aliases_that_lead_to_each_other_are_refused_at_once()
    {
        var name = $"loop{Interlocked.Increment(ref Sequence)}";
        string[] round = [.. Enumerable.Range(0, 6).Select(i => $"{name}-{i}@{_server.Domain}")];
        Assert.NotEqual(0, (await _server.CliAsync("alias", "add", round[0], round[0])).ExitCode);
        foreach (var address in round) (await _server.CliAsync(["alias", "add", address, .. round.Where(r => r != address)])).Succeeded();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.StartsWith("550 5.4.6", await OfferAsync(TestMail.Text(round[0], "x"), round[0]), StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    private static string Service(string list, string suffix) => list.Replace("@", suffix + "@", StringComparison.Ordinal);

    private static string Without(string content, string field) => string.Join("\r\n", content.Split("\r\n").Where(l => !l.StartsWith(field + ":", StringComparison.Ordinal)));

    /// <summary>True for a copy that a list has sent, and not for a bounce with a copy in it.</summary>
    private static bool IsCopy(string file) => File.ReadLines(file).First() is var line && line.StartsWith("Return-Path:", StringComparison.Ordinal) && line.Contains("-bounces@", StringComparison.Ordinal);

    private async Task<string> AddListAsync(string owner, string[] members, params string[] options)
    {
        var list = $"list{Interlocked.Increment(ref Sequence)}@{_server.Domain}";
        (await _server.CliAsync(["lists", "add", list, .. members, "--owner", owner, .. options])).Succeeded();
        return list;
    }

    private async Task<string> PostAsync(string user, string list)
    {
        var subject = TestMail.NewSubject();
        using var client = await _server.SubmitAsync(user);
        await client.SendAsync(MailKitClients.Letter(user, list, subject));
        return subject;
    }

    private async Task<string> DeliverAsync(string from, string list)
    {
        var subject = TestMail.NewSubject();
        await _server.DeliverAsync(TestMail.Text(list, subject, from: from), list);
        return subject;
    }

    private async Task<string> OfferAsync(string message, params string[] recipients)
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        return await wire.TransactionAsync("someone@sender.example", recipients, message);
    }

    private async Task<SunkMessage> SentAsync(string subject)
    {
        SunkMessage? found = null;
        await Eventually.BecomesTrueAsync(() => (found = shared.Sink.Messages.FirstOrDefault(m => m.Content.Contains(subject, StringComparison.Ordinal))) is not null, "the message is sent");
        return found!;
    }

    private Task QueueIsEmptyAsync() =>
        Eventually.BecomesTrueAsync(async () => (await _server.CliAsync("queue", "list")).Succeeded().Output.Trim().Length == 0, "the queue is empty", TimeSpan.FromSeconds(30));
}

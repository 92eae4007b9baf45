using System.Globalization;
using System.Text;
using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>Mail arrives over SMTP, is stored in a Maildir, and is pushed and read over IMAP.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class ReceivingTests(SharedServer shared)
{
    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task A_message_is_pushed_to_an_idle_client_and_fetched_byte_for_byte()
    {
        var user = await _server.AddUserAsync();
        const string Body = "Grüße, body of the mail\r\n.leading dot\r\n..two\r\n.\tdot and tab\r\n\r\ntrailing spaces   \r\n";
        var letter = TestMail.Text(user, TestMail.NewSubject(), Body);
        var (client, inbox) = await _server.InboxAsync(user);
        using var _ = client;
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        inbox.CountChanged += (_, _) => arrived.TrySetResult();

        Assert.True(await client.IdleUntilAsync(arrived.Task, () => _server.DeliverAsync(letter, user)), "no push");

        using var stream = new MemoryStream();
        await (await inbox.GetStreamAsync(0)).CopyToAsync(stream);
        var fetched = Encoding.UTF8.GetString(stream.ToArray());
        Assert.EndsWith(letter, fetched, StringComparison.Ordinal);
        Assert.StartsWith("Return-Path: <someone@sender.example>\r\n", fetched, StringComparison.Ordinal);
        Assert.Contains("Received: from sender.example", fetched, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fetched_message_is_identical_to_the_Maildir_file()
    {
        var user = await _server.AddUserAsync();
        var subject = TestMail.NewSubject();
        await _server.DeliverAsync(TestMail.Text(user, subject), user);
        var (client, inbox) = await _server.InboxAsync(user);
        using var _ = client;
        using var stream = new MemoryStream();
        await (await inbox.GetStreamAsync(0)).CopyToAsync(stream);
        Assert.Equal(await File.ReadAllBytesAsync(Assert.Single(_server.FilesWith(subject))), stream.ToArray());
    }

    [Fact]
    public async Task Flags_appear_in_the_file_name_within_a_second()
    {
        var user = await _server.AddUserAsync();
        var subject = TestMail.NewSubject();
        await _server.DeliverAsync(TestMail.Text(user, subject), user);
        var (client, inbox) = await _server.InboxAsync(user);
        using var _ = client;
        await inbox.AddFlagsAsync(0, MessageFlags.Seen | MessageFlags.Flagged, silent: true);
        await Eventually.BecomesTrueAsync(
            () => _server.FilesWith(subject) is [var file] && file.EndsWith(":2,FS", StringComparison.Ordinal),
            "a file name that ends in :2,FS",
            TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Several_local_recipients_share_one_file()
    {
        var first = await _server.AddUserAsync();
        var second = await _server.AddUserAsync();
        var subject = TestMail.NewSubject();
        await _server.DeliverAsync(TestMail.Text(first, subject), first, second);
        var files = _server.FilesWith(subject);
        Assert.Equal(2, files.Count);
        var inodes = await Task.WhenAll(files.Select(InodeAsync));
        Assert.Equal(inodes[0], inodes[1]);
    }

    [Fact]
    public async Task Aliases_catch_all_and_subaddresses_reach_their_accounts()
    {
        var user = await _server.AddUserAsync();
        var other = await _server.AddUserAsync();
        var name = user[..user.IndexOf('@', StringComparison.Ordinal)];
        var alias = $"alias-of-{user}";
        const string Domain = "catch-all.test";
        (await _server.CliAsync("alias", "add", alias, user, other)).Succeeded();
        (await _server.CliAsync("domain", "add", Domain)).Succeeded();
        (await _server.CliAsync("alias", "add", $"@{Domain}", user)).Succeeded();

        await _server.DeliverAsync(TestMail.Text(alias, "to the alias"), alias);
        await _server.DeliverAsync(TestMail.Text(user, "to the subaddress"), $"{name}+lists@{_server.Domain}");
        await _server.DeliverAsync(TestMail.Text(user, "to anyone"), $"whoever@{Domain}");

        Assert.Equal(["to the alias", "to the subaddress", "to anyone"], await SubjectsAsync(user));
        Assert.Equal(["to the alias"], await SubjectsAsync(other));
    }

    [Fact]
    public async Task Mail_to_an_account_and_its_alias_is_delivered_once()
    {
        var user = await _server.AddUserAsync();
        var alias = $"twice-{user}";
        (await _server.CliAsync("alias", "add", alias, user)).Succeeded();
        await _server.DeliverAsync(TestMail.Text(user, "once"), user, alias);
        Assert.Equal(["once"], await SubjectsAsync(user));
    }

    [Fact]
    public async Task An_unknown_user_is_refused_with_550_5_1_1()
    {
        await using var wire = await GreetedAsync();
        await wire.SmtpAsync("MAIL FROM:<someone@sender.example>");
        Assert.StartsWith("550 5.1.1 ", await wire.SmtpAsync($"RCPT TO:<nobody-here@{_server.Domain}>"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("far@remote.test")]
    [InlineData("far%remote.test@mail.example.test.invalid")]
    [InlineData("far@[192.0.2.1]")]
    public async Task Mail_for_other_domains_is_refused_with_550_5_7_1(string recipient)
    {
        await using var wire = await GreetedAsync();
        await wire.SmtpAsync("MAIL FROM:<someone@sender.example>");
        Assert.StartsWith("550 5.7.1 ", await wire.SmtpAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_receiving_port_offers_its_extensions_and_no_sign_in()
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        var offers = await wire.SmtpAsync("EHLO sender.example");
        Assert.All(
            ["PIPELINING", "SIZE 26214400", "8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES", "STARTTLS", "LIMITS"],
            o => Assert.Contains(o, offers, StringComparison.Ordinal));
        Assert.DoesNotContain("AUTH", offers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("line\n.\nMAIL FROM:<smuggled@sender.example>\r\n")]
    [InlineData("line\r\n.\nMAIL FROM:<smuggled@sender.example>\r\n")]
    [InlineData("line\n.\r\nMAIL FROM:<smuggled@sender.example>\r\n")]
    [InlineData("line\r.\rMAIL FROM:<smuggled@sender.example>\r\n")]
    public async Task A_smuggled_end_of_data_is_refused_as_one_message(string smuggled)
    {
        var user = await _server.AddUserAsync();
        await using var wire = await GreetedAsync();
        await wire.SmtpAsync("MAIL FROM:<someone@sender.example>");
        await wire.SmtpAsync($"RCPT TO:<{user}>");
        await wire.SmtpAsync("DATA");
        await wire.SendAsync($"Subject: smuggler\r\n\r\n{smuggled}\r\n.\r\n");
        Assert.StartsWith("5", await wire.SmtpReplyAsync(), StringComparison.Ordinal);
        var next = await NoopOrCloseAsync(wire);
        Assert.True(next is null || next.StartsWith("250", StringComparison.Ordinal), "one reply for one message, then: " + next);
        Assert.Empty(await SubjectsAsync(user));
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_at_MAIL_and_at_its_end()
    {
        var user = await _server.AddUserAsync();
        await using var wire = await GreetedAsync();
        var tooLarge = _server.Settings.MaxMessageSize + 1;
        Assert.StartsWith("552 5.3.4", await wire.SmtpAsync($"MAIL FROM:<someone@sender.example> SIZE={tooLarge.ToString(CultureInfo.InvariantCulture)}"), StringComparison.Ordinal);
        await wire.SmtpAsync("MAIL FROM:<someone@sender.example>");
        await wire.SmtpAsync($"RCPT TO:<{user}>");
        await wire.SmtpAsync("DATA");
        var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 70) + "\r\n", 1_000)));
        for (long sent = 0; sent <= tooLarge; sent += block.Length)
        {
            await wire.SendAsync(block);
        }

        await wire.SendAsync(".\r\n");
        Assert.StartsWith("552 5.3.4", await wire.SmtpReplyAsync(), StringComparison.Ordinal);
        Assert.Empty(await SubjectsAsync(user));
    }

    [Fact]
    public async Task A_message_arrives_in_chunks_and_under_TLS()
    {
        var user = await _server.AddUserAsync();
        await using var wire = await GreetedAsync();
        Assert.StartsWith("220", await wire.SmtpAsync("STARTTLS"), StringComparison.Ordinal);
        await wire.StartTlsAsync();
        await wire.SmtpAsync("EHLO sender.example");
        await wire.SmtpAsync("MAIL FROM:<someone@sender.example> BODY=8BITMIME");
        await wire.SmtpAsync($"RCPT TO:<{user}>");
        // Each chunk ends with the CRLF that SmtpAsync adds.
        Assert.StartsWith("250", await wire.SmtpAsync("BDAT 22\r\nSubject: in pieces\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("250", await wire.SmtpAsync("BDAT 5 LAST\r\nabc"), StringComparison.Ordinal);
        Assert.Equal(["in pieces"], await SubjectsAsync(user));
    }

    [Fact]
    public async Task A_large_message_is_returned_complete()
    {
        var user = await _server.AddUserAsync();
        var body = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"line {i.ToString(CultureInfo.InvariantCulture)} of a big message that does not fit in memory buffers\r\n"));
        var letter = TestMail.Text(user, TestMail.NewSubject(), body);
        await _server.DeliverAsync(letter, user);
        var (client, inbox) = await _server.InboxAsync(user);
        using var _ = client;
        using var stream = new MemoryStream();
        await (await inbox.GetStreamAsync(0)).CopyToAsync(stream);
        Assert.EndsWith(letter, Encoding.UTF8.GetString(stream.ToArray()), StringComparison.Ordinal);
    }

    private static async Task<string?> NoopOrCloseAsync(WireClient wire)
    {
        try
        {
            await wire.SendAsync("NOOP\r\n");
            return await wire.ReadLineAsync();
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<string> InodeAsync(string file) =>
        (await ProgramRun.StartAsync("stat", ["-c", "%i", file])).Succeeded().Output.Trim();

    private async Task<WireClient> GreetedAsync()
    {
        var wire = await WireClient.ConnectAsync(_server.Ports.Smtp);
        Assert.StartsWith("220 ", await wire.SmtpReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250", await wire.SmtpAsync("EHLO sender.example"), StringComparison.Ordinal);
        return wire;
    }

    private async Task<IReadOnlyList<string?>> SubjectsAsync(string user)
    {
        var (client, inbox) = await _server.InboxAsync(user);
        using var _ = client;
        var all = await inbox.FetchAsync(0, -1, MessageSummaryItems.Envelope | MessageSummaryItems.UniqueId);
        await client.DisconnectAsync(quit: true);
        return [.. all.OrderBy(m => m.UniqueId).Select(m => m.Envelope?.Subject)];
    }
}

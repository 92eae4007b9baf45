using System.Text;
using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Filtering;

/// <summary>A server with a smarthost that takes everything, and scripts of the administrator.</summary>
public sealed class SieveServer : IAsyncLifetime
{
    public SmtpSink Sink { get; } = SmtpSink.Start();

    public ServerProcess Server { get; private set; } = null!;

    public string Folder { get; } = Directory.CreateTempSubdirectory("sieve-").FullName;

    public string Before => Path.Combine(Folder, "before.sieve");

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Before, "require \"fileinto\"; if header :contains \"x-administrator\" \"archive\" { fileinto \"Archive\"; }\n");
        Server = await ServerProcess.StartNewAsync(new ServerSettings { RelayHost = Sink.Address, Extra = $"sieve:\n  before: {Before}\n  sends_per_hour: 4\n" });
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Sink.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Scripts decide about mail that arrives over SMTP; the folders are read over IMAP.</summary>
public sealed class SieveTests(SieveServer shared) : IClassFixture<SieveServer>
{
    private readonly ServerProcess _server = shared.Server;

    /// <summary>A script, header fields of a message, and the folders in which it is afterwards, each with its flags.</summary>
    public static TheoryData<string, string, string> Decisions => new()
    {
        { "keep;", "", "INBOX" },
        { "discard;", "", "" },
        { "stop; discard;", "", "INBOX" },
        { "require \"fileinto\"; fileinto \"Archive\";", "", "Archive" },
        { "require [\"fileinto\", \"copy\"]; fileinto :copy \"Archive\";", "", "Archive INBOX" },
        { "require [\"fileinto\", \"mailbox\"]; fileinto :create \"A/B\";", "", "A/B" },
        { "require [\"fileinto\", \"mailbox\"]; if not mailboxexists \"Nowhere\" { fileinto \"Nowhere\"; }", "", "INBOX" },
        { "require [\"fileinto\", \"special-use\"]; fileinto :specialuse \"\\\\Junk\" \"Spam\";", "", "Junk" },
        { "require [\"imap4flags\"]; addflag \"\\\\Flagged\"; keep;", "", "INBOX:Flagged" },
        { "require [\"fileinto\", \"imap4flags\"]; fileinto :flags \"\\\\Seen\" \"Archive\"; keep;", "", "Archive:Seen INBOX" },
        { "require \"fileinto\"; if header :contains \"list-id\" \"news\" { fileinto \"Archive\"; }", "List-Id: <news.example.net>\r\n", "Archive" },
        { "require \"fileinto\"; if header :contains \"subject\" \"grüße\" { fileinto \"Archive\"; }", "X-Other: 1\r\nSubject: =?utf-8?q?viele_gr=C3=BC=C3=9Fe?=\r\n", "Archive" },
        { "require [\"fileinto\", \"body\"]; if body :text :contains \"few words\" { fileinto \"Archive\"; }", "", "Archive" },
        { "require [\"fileinto\", \"regex\"]; if header :regex \"x-number\" \"^[0-9]+$\" { fileinto \"Archive\"; }", "X-Number: 17\r\n", "Archive" },
        { "require [\"fileinto\", \"envelope\"]; if envelope :is \"from\" \"someone@sender.example\" { fileinto \"Archive\"; }", "", "Archive" },
        { "require [\"fileinto\", \"spamtest\"]; if spamtest :is \"0\" { fileinto \"Archive\"; }", "", "Archive" },
        { "require [\"variables\", \"fileinto\", \"mailbox\"]; set \"f\" \"Set\"; fileinto :create \"${f}\";", "", "Set" },
        { "require \"include\"; include \"missing\"; discard;", "", "INBOX INBOX" },
        { "redirect \"not an address at all@\";", "", "refused" },
        { "discard;", "X-Administrator: archive\r\n", "Archive" },
    };

    [Theory]
    [MemberData(nameof(Decisions))]
    public async Task A_script_decides_where_mail_goes(string script, string fields, string expected)
    {
        var user = await _server.AddUserAsync();
        if (expected == "refused")
        {
            Assert.NotEqual(0, (await PutAsync(user, script)).ExitCode);
            return;
        }

        (await PutAsync(user, script)).Succeeded();
        await _server.DeliverAsync(fields + TestMail.Text(user, TestMail.NewSubject()), user);
        Assert.Equal(expected, await FoldersAsync(user));
    }

    [Fact]
    public async Task The_detail_of_the_recipient_is_seen_by_subaddress()
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, """
            require ["fileinto", "envelope", "subaddress", "variables", "mailbox"];
            if envelope :detail :matches "to" "*" { set "folder" "${1}"; if mailboxexists "${folder}" { fileinto "${folder}"; } }
            """)).Succeeded();
        foreach (var detail in new[] { "Archive", "Nothing" }) await _server.DeliverAsync(TestMail.Text(user, detail), user.Replace("@", "+" + detail + "@", StringComparison.Ordinal));
        Assert.Equal("Archive INBOX", await FoldersAsync(user));
    }

    [Theory]
    [InlineData("Archive Trash", "Archive", "Trash")]
    [InlineData("Archive", "Archive", "archive")]
    [InlineData("Archive INBOX", "Archive", "Nothing")]
    [InlineData("INBOX", "Nothing", "Other")]
    public async Task Several_addresses_of_one_account_are_decided_each_and_delivered_together(string expected, params string[] details)
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, """
            require ["fileinto", "envelope", "subaddress", "variables", "mailbox", "vacation"];
            if envelope :detail :is "to" "refused" { discard; stop; }
            vacation "away";
            if envelope :detail :is "to" "archive" { fileinto "Archive"; stop; }
            if envelope :detail :matches "to" "*" { set "folder" "${1}"; if mailboxexists "${folder}" { fileinto "${folder}"; } }
            """)).Succeeded();
        await _server.DeliverAsync(TestMail.Text(user, details[0]), [.. details.Select(d => user.Replace("@", "+" + d + "@", StringComparison.Ordinal))]);
        Assert.Equal(expected, await FoldersAsync(user));
    }

    [Fact]
    public async Task State_of_one_recipient_is_not_that_of_another()
    {
        string[] users = [await _server.AddUserAsync(), await _server.AddUserAsync(), await _server.AddUserAsync()];
        (await PutAsync(users[0], "require \"fileinto\"; fileinto \"Archive\";")).Succeeded();
        (await PutAsync(users[2], "require \"fileinto\"; fileinto \"Trash\";")).Succeeded();
        await _server.DeliverAsync(TestMail.Text(users[0], TestMail.NewSubject()), users);
        Assert.Equal(["Archive", "INBOX", "Trash"], [await FoldersAsync(users[0]), await FoldersAsync(users[1]), await FoldersAsync(users[2])]);
    }

    [Fact]
    public async Task A_redirect_to_another_server_is_sent_once_with_its_own_envelope_sender()
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, "require \"copy\"; redirect :copy \"far@elsewhere.example\";")).Succeeded();
        var subject = TestMail.NewSubject();
        await _server.DeliverAsync(TestMail.Text(user, subject), user);
        var sent = await SentAsync(subject);
        Assert.Equal("far@elsewhere.example", Assert.Single(sent.Recipients));
        Assert.StartsWith("SRS0=", sent.Sender, StringComparison.Ordinal);
        Assert.Contains($"X-Sieve-Redirected-From: {user}\r\n", sent.Content, StringComparison.Ordinal);
        Assert.DoesNotContain("Return-Path:", sent.Content, StringComparison.Ordinal);
        Assert.Equal("INBOX", await FoldersAsync(user));
    }

    [Fact]
    public async Task Two_accounts_that_redirect_to_each_other_end_the_loop_and_keep_the_message()
    {
        string[] users = [await _server.AddUserAsync(), await _server.AddUserAsync()];
        (await PutAsync(users[0], $"redirect \"{users[1]}\";")).Succeeded();
        (await PutAsync(users[1], $"redirect \"{users[0]}\";")).Succeeded();
        var subject = TestMail.NewSubject();
        await _server.DeliverAsync(TestMail.Text(users[0], subject), users[0]);
        await Eventually.BecomesTrueAsync(() => _server.FilesWith(subject).Count == 1, "the message is kept");
        await QueueIsEmptyAsync();
        Assert.Single(_server.FilesWith(subject));
        Assert.Equal("INBOX", await FoldersAsync(users[0]));
    }

    [Fact]
    public async Task Two_accounts_with_automatic_replies_answer_each_other_once()
    {
        string[] users = [await _server.AddUserAsync(), await _server.AddUserAsync()];
        foreach (var user in users) (await PutAsync(user, "require \"vacation\"; vacation :subject \"Away\" \"I am away.\";")).Succeeded();
        using (var client = await _server.SubmitAsync(users[0]))
        {
            for (var i = 0; i < 3; i++) await client.SendAsync(MailKitClients.Letter(users[0], users[1], $"question {i}"));
        }

        await Eventually.BecomesTrueAsync(async () => await FoldersAsync(users[0]) == "INBOX", "the reply arrives");
        await QueueIsEmptyAsync();
        Assert.Equal("INBOX", await FoldersAsync(users[0]));
        Assert.Equal("INBOX INBOX INBOX", await FoldersAsync(users[1]));
        var (client2, inbox) = await _server.InboxAsync(users[0]);
        using var _ = client2;
        var reply = await inbox.GetMessageAsync(0);
        Assert.Equal(("Away", "auto-replied (vacation)"), (reply.Subject, reply.Headers["Auto-Submitted"]));
        Assert.Equal("<>", reply.Headers["Return-Path"]);
        Assert.Equal(users[1], reply.From.Mailboxes.Single().Address);
    }

    [Theory]
    [InlineData("List-Id: <a.example>\r\n")]
    [InlineData("Auto-Submitted: auto-generated\r\n")]
    [InlineData("Precedence: bulk\r\n")]
    public async Task Lists_and_programs_get_no_automatic_reply(string field)
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, "require \"vacation\"; vacation \"I am away.\";")).Succeeded();
        await _server.DeliverAsync(field + TestMail.Text(user, TestMail.NewSubject()), user);
        await QueueIsEmptyAsync();
        Assert.DoesNotContain(shared.Sink.Messages, m => m.Content.Contains($"From: {user}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_is_the_answer_of_the_session()
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, "require \"ereject\"; ereject \"No, thank you.\";")).Succeeded();
        var subject = TestMail.NewSubject();
        Assert.Equal("550 5.7.1 No, thank you.", await OfferAsync(TestMail.Text(user, subject), user));
        Assert.Empty(_server.FilesWith(subject));
    }

    [Fact]
    public async Task When_one_of_two_refuses_a_sender_who_may_be_forged_hears_nothing_and_the_message_is_junk()
    {
        string[] users = [await _server.AddUserAsync(), await _server.AddUserAsync()];
        (await PutAsync(users[0], "require \"reject\"; reject \"No, thank you.\";")).Succeeded();
        await _server.DeliverAsync(TestMail.Text(users[0], TestMail.NewSubject()), users);
        Assert.Equal(("Junk", "INBOX"), (await FoldersAsync(users[0]), await FoldersAsync(users[1])));
    }

    [Fact]
    public async Task When_one_of_two_refuses_a_known_sender_gets_a_notice()
    {
        string[] users = [await _server.AddUserAsync(), await _server.AddUserAsync(), await _server.AddUserAsync()];
        (await PutAsync(users[0], "require \"reject\"; reject \"No, thank you.\";")).Succeeded();
        var subject = TestMail.NewSubject();
        using (var client = await _server.SubmitAsync(users[2]))
        {
            var letter = MailKitClients.Letter(users[2], users[0], subject);
            letter.To.Add(MimeKit.MailboxAddress.Parse(users[1]));
            await client.SendAsync(letter);
        }

        await Eventually.BecomesTrueAsync(async () => await FoldersAsync(users[2]) == "INBOX", "the notice arrives");
        var (reader, inbox) = await _server.InboxAsync(users[2]);
        using var _ = reader;
        Assert.Contains("No, thank you.", (await inbox.GetMessageAsync(0)).ToString(), StringComparison.Ordinal);
        Assert.Equal(("", "INBOX"), (await FoldersAsync(users[0]), await FoldersAsync(users[1])));
    }

    [Fact]
    public async Task Redirects_beyond_the_limit_are_kept_and_the_user_is_told()
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, "redirect \"bomb@elsewhere.example\";")).Succeeded();
        for (var i = 0; i < 6; i++) await _server.DeliverAsync(TestMail.Text(user, $"bomb {i}"), user);
        // Two are kept, and one message tells why.
        Assert.Equal("INBOX INBOX INBOX", await FoldersAsync(user));
        await QueueIsEmptyAsync();
        Assert.Equal(4, shared.Sink.Messages.Count(m => m.Recipients.Contains("bomb@elsewhere.example")));
    }

    [Fact]
    public async Task A_script_that_became_invalid_on_the_disk_keeps_mail_and_the_user_is_told()
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, "discard;")).Succeeded();
        var file = Directory.GetFiles(_server.MaildirPath, "main.sieve", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .OrderByDescending(File.GetLastWriteTimeUtc).First();
        await File.WriteAllTextAsync(file, "discard; this is not sieve");
        await _server.DeliverAsync(TestMail.Text(user, TestMail.NewSubject()), user);
        Assert.Equal("INBOX INBOX", await FoldersAsync(user));
    }

    [Fact]
    public async Task The_history_of_a_message_names_the_script_and_its_version()
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, "require \"fileinto\"; fileinto \"Archive\";")).Succeeded();
        var version = (await _server.CliAsync("sieve", "list", user)).Succeeded().Output.Split('\n')[0].Split('\t')[^1];
        var reply = await OfferAsync(TestMail.Text(user, TestMail.NewSubject()), user);
        var trace = (await _server.CliAsync("queue", "trace", reply.Split(' ')[^1])).Succeeded().Output;
        Assert.Contains($"main ({version})", trace, StringComparison.Ordinal);
        Assert.Contains("stored in Archive", trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scripts_are_managed_while_the_server_runs_and_every_change_is_in_the_audit_log()
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, "keep;")).Succeeded();
        Assert.NotEqual(0, (await _server.CliAsync("sieve", "delete", user, "main")).ExitCode);
        Assert.Equal("keep;", (await _server.CliAsync("sieve", "get", user, "main")).Succeeded().Output);
        var bad = await PutAsync(user, "if header { }", activate: false);
        Assert.NotEqual(0, bad.ExitCode);
        Assert.Contains("main:1:", bad.Error, StringComparison.Ordinal);
        Assert.Equal("keep;", (await _server.CliAsync("sieve", "get", user, "main")).Succeeded().Output);
        (await _server.CliAsync("sieve", "deactivate", user)).Succeeded();
        (await _server.CliAsync("sieve", "activate", user, "main")).Succeeded();
        (await _server.CliAsync("sieve", "deactivate", user)).Succeeded();
        (await _server.CliAsync("sieve", "delete", user, "main")).Succeeded();
        Assert.Equal("", (await _server.CliAsync("sieve", "list", user)).Succeeded().Output);
        Assert.NotEqual(0, (await _server.CliAsync("sieve", "get", user, "main")).ExitCode);
        foreach (var kind in new[] { "sieve.stored", "sieve.activated", "sieve.deactivated", "sieve.deleted" })
            await Eventually.BecomesTrueAsync(async () => (await _server.CliAsync("audit")).Succeeded().Output.Split('\n').Any(l => l.Contains(kind, StringComparison.Ordinal) && l.Contains(user, StringComparison.Ordinal)), kind);
    }

    [Fact]
    public async Task A_script_is_tried_on_a_message_and_nothing_is_done()
    {
        var user = await _server.AddUserAsync();
        (await PutAsync(user, "require [\"fileinto\", \"mailbox\"]; if header :contains \"subject\" \"invoice\" { fileinto :create \"Invoices\"; }")).Succeeded();
        var file = Path.Combine(shared.Folder, $"{user}.eml");
        await File.WriteAllTextAsync(file, TestMail.Text(user, "invoice 17"));
        var tried = (await _server.CliAsync("sieve", "test", user, file)).Succeeded().Output;
        Assert.Contains("main:1: header: true\n", tried, StringComparison.Ordinal);
        Assert.Contains("=> store it in 'Invoices', which is created if it is missing\n", tried, StringComparison.Ordinal);
        Assert.Equal("", await FoldersAsync(user));
    }

    private async Task<ProgramRun> PutAsync(string user, string script, bool activate = true)
    {
        var file = Path.Combine(shared.Folder, Guid.NewGuid().ToString("N") + ".sieve");
        await File.WriteAllTextAsync(file, script, new UTF8Encoding(false));
        string[] put = ["sieve", "put", user, "main", file];
        return await _server.CliAsync(activate ? [.. put, "--activate"] : put);
    }

    private async Task<string> OfferAsync(string message, params string[] recipients)
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        return await wire.TransactionAsync("someone@sender.example", recipients, message);
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

    private async Task<SunkMessage> SentAsync(string subject)
    {
        SunkMessage? found = null;
        await Eventually.BecomesTrueAsync(() => (found = shared.Sink.Messages.FirstOrDefault(m => m.Content.Contains(subject, StringComparison.Ordinal))) is not null, "the message is sent");
        return found!;
    }

    private Task QueueIsEmptyAsync() =>
        Eventually.BecomesTrueAsync(async () => (await _server.CliAsync("queue", "list")).Succeeded().Output.Trim().Length == 0, "the queue is empty", TimeSpan.FromSeconds(30));
}

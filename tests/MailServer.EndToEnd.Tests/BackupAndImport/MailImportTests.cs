using System.Globalization;
using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.BackupAndImport;

/// <summary>Imported mail is complete, without duplicates, and keeps its metadata.</summary>
public sealed class MailImportTests
{
    [Fact]
    public async Task A_Maildir_of_another_server_is_imported_with_folders_flags_keywords_and_dates()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        var maildir = Path.Combine(server.Folder, "Maildir");
        var date = new DateTime(2019, 5, 4, 3, 2, 1, DateTimeKind.Utc);
        Write(maildir, "cur/1557000000.M1P1.host,S=100:2,FSa", "Subject: first\n\nbare line ends\n", date);
        Write(maildir, "new/1557000001.M1P1.host", "Subject: unseen\r\n\r\nnew\r\n", date);
        Write(maildir, ".Archive.2019/cur/1557000002.M1P1.host:2,RS", "Subject: archived\r\n\r\nold\r\n", date);
        Write(maildir, ".Gel&APY-scht/cur/1557000003.M1P1.host:2,ST", "Subject: umlaut\r\n\r\nx\r\n", date);
        await File.WriteAllTextAsync(Path.Combine(maildir, "dovecot-keywords"), "0 $Work\n");
        for (var again = 0; again < 2; again++) (await server.CliAsync("import", "maildir", maildir, "--account", user)).Succeeded();

        var (client, folder) = await server.InboxAsync(user);
        using var signedIn = client;
        var inbox = await folder.FetchAsync(0, -1, MessageSummaryItems.Envelope | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate);
        Assert.Equal(["first", "unseen"], inbox.Select(m => m.Envelope!.Subject).Order(StringComparer.Ordinal));
        var first = inbox.Single(m => m.Envelope!.Subject == "first");
        Assert.Equal(MessageFlags.Flagged | MessageFlags.Seen, first.Flags & ~MessageFlags.Recent);
        Assert.Equal(["$Work"], first.Keywords);
        Assert.Equal(date, first.InternalDate!.Value.UtcDateTime);
        Assert.Equal("bare line ends\r\n", (await folder.GetMessageAsync(first.Index)).TextBody!.ReplaceLineEndings("\r\n"));
        Assert.Equal(1, await CountAsync(await client.GetFolderAsync("Archive/2019")));
        Assert.Equal(1, await CountAsync(await client.GetFolderAsync("Gelöscht")));
    }

    [Fact]
    public async Task An_mbox_file_is_imported_with_its_quoting_undone_even_without_a_running_server()
    {
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        var file = Path.Combine(server.Folder, "old.mbox");
        await File.WriteAllTextAsync(file, "From a@b.example Sat May  4 03:02:01 2019\nSubject: one\nStatus: RO\nX-Status: AF\n\n>From here on\n>>From there\n\nFrom c@d.example Sun May  5 03:02:01 2019\nSubject: two\n\nNot a start:\nFrom me\n");
        var run = (await server.CliAsync("import", "mbox", file, "--account", user, "--folder", "Old/2019", "--json")).Succeeded();
        Assert.Contains("\"filed\": 2", run.Output, StringComparison.Ordinal);
        await server.StartAsync();
        var used = await MailboxContents.UsedAsync(server, user);
        using var client = await server.ImapAsync(user);
        var folder = await client.GetFolderAsync("Old/2019");
        await folder.OpenAsync(FolderAccess.ReadOnly);
        var found = await folder.FetchAsync(0, -1, MessageSummaryItems.Envelope | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate | MessageSummaryItems.Size);
        Assert.Equal(used, found.Sum(static m => m.Size!.Value));
        Assert.Equal(["one", "two"], found.Select(m => m.Envelope!.Subject));
        Assert.Equal(MessageFlags.Seen | MessageFlags.Answered | MessageFlags.Flagged, found[0].Flags & ~MessageFlags.Recent);
        Assert.Equal(new DateTime(2019, 5, 4, 3, 2, 1, DateTimeKind.Utc), found[0].InternalDate!.Value.UtcDateTime);
        Assert.Equal("From here on\r\n>From there\r\n", (await folder.GetMessageAsync(0)).TextBody!.ReplaceLineEndings("\r\n"));
        Assert.Contains("From me", (await folder.GetMessageAsync(1)).TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_account_is_imported_over_IMAP()
    {
        await using var old = await ServerProcess.StartNewAsync();
        await using var server = await ServerProcess.StartNewAsync(new ServerSettings { Domain = "new.test" });
        var (from, to) = (await old.AddUserAsync(), await server.AddUserAsync());
        await MailboxContents.FillAsync(old, from, seed: 11);
        await using (var wire = await WireClient.ConnectAsync(old.Ports.Imaps, tls: true))
        {
            await wire.ReadLineAsync();
            foreach (var line in new[] { $"LOGIN \"{from}\" \"{ServerProcess.Password}\"", "CREATE Shown/2019", "CREATE Hidden", "SUBSCRIBE Shown/2019", "APPEND Shown/2019 {5+}\r\na:b\r\n", "APPEND Hidden {5+}\r\na:c\r\n" })
                Assert.Contains(" OK ", (await wire.ImapAsync(line))[^1], StringComparison.Ordinal);
        }

        var password = Path.Combine(server.Folder, "old-password");
        await File.WriteAllTextAsync(password, ServerProcess.Password + "\n");
        var certificate = Path.Combine(old.Folder, "acme", "self-signed.crt");
        var url = string.Create(CultureInfo.InvariantCulture, $"imaps://{Uri.EscapeDataString(from)}@localhost:{old.Ports.Imaps}");
        string[] command = ["import", "imap", url, "--account", to, "--source-password-file", password, "--ca-file", certificate];
        for (var again = 0; again < 2; again++)
        {
            var run = await server.CliAsync(command);
            Assert.True(run.ExitCode == 0, run.Everything);
        }

        Assert.Equal(
            await MailboxContents.OfAsync(old, from, withUids: false, withSubscriptions: false), await MailboxContents.OfAsync(server, to, withUids: false, withSubscriptions: false));
        using var client = await server.ImapAsync(to);
        var shown = (await client.GetFoldersAsync(client.PersonalNamespaces[0], subscribedOnly: true, CancellationToken.None)).Select(static f => f.FullName).ToList();
        Assert.Contains("Shown/2019", shown);
        Assert.DoesNotContain("Hidden", shown);
    }

    [Fact]
    public async Task An_import_waits_for_a_killed_server_and_files_nothing_twice()
    {
        const int Messages = 3_000;
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        var maildir = Path.Combine(server.Folder, "Maildir");
        for (var i = 0; i < Messages; i++)
            Write(maildir, string.Create(CultureInfo.InvariantCulture, $"cur/{1_557_000_000 + i}.M1P1.host:2,S"), $"Subject: message {i}\r\n\r\n{new string('x', i % 500)}\r\n", DateTime.UnixEpoch.AddDays(i));
        var running = server.CliAsync("import", "maildir", maildir, "--account", user);
        // Only then the import uses the server; before, it would take the data lock and import without one.
        await Eventually.BecomesTrueAsync(() => server.MessageFiles().Any(), "the import has begun", TimeSpan.FromSeconds(60));
        await server.KillAsync();
        Assert.InRange(server.MessageFiles().Count(), 1, Messages - 1);
        await server.StartAsync();
        (await running).Succeeded();
        (await server.CliAsync("import", "maildir", maildir, "--account", user)).Succeeded();
        var (client, inbox) = await server.InboxAsync(user);
        using var signedIn = client;
        var subjects = (await inbox.FetchAsync(0, -1, MessageSummaryItems.Envelope)).Select(m => m.Envelope!.Subject).ToArray();
        Assert.Equal(Messages, subjects.Length);
        Assert.Equal(Messages, subjects.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("maildir")]
    [InlineData("mbox")]
    public async Task An_export_can_be_imported(string format)
    {
        await using var server = await ServerProcess.StartNewAsync();
        var (from, to) = (await server.AddUserAsync(), await server.AddUserAsync());
        await MailboxContents.FillAsync(server, from, seed: 12, messages: 30);
        var target = Path.Combine(server.Folder, "export");
        (await server.CliAsync("export", target, "--account", from, "--format", format)).Succeeded();
        if (format == "maildir")
        {
            (await server.CliAsync("import", "maildir", target, "--account", to)).Succeeded();
            Assert.Equal(Hashes(await MailboxContents.OfAsync(server, from, withUids: false)), Hashes(await MailboxContents.OfAsync(server, to, withUids: false)));
            return;
        }

        (await server.CliAsync("import", "mbox", Path.Combine(target, "INBOX.mbox"), "--account", to)).Succeeded();
        using var one = await server.ImapAsync(from);
        using var other = await server.ImapAsync(to);
        Assert.Equal(await CountAsync(one.Inbox!), await CountAsync(other.Inbox!));
    }

    [Fact]
    public async Task A_failed_import_prints_one_line()
    {
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        var nothing = Path.Combine(server.Folder, "nothing");
        Directory.CreateDirectory(nothing);
        foreach (var command in new string[][]
        {
            ["import", "maildir", nothing, "--account", user],
            ["import", "maildir", "/no/such/place", "--account", user],
            ["import", "mbox", server.ConfigFile, "--account", user],
            ["import", "imap", "imaps://user:password@localhost", "--account", user],
            ["import", "mbox", "/dev/null", "--account", "nobody@" + server.Domain],
        })
        {
            var run = await server.CliAsync(command);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Single(run.Error.Trim().Split('\n'));
            Assert.DoesNotContain("   at ", run.Everything, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Hashes(IEnumerable<string> picture) => picture.Where(l => l.Split(' ').Any(w => w.Length == 64));

    private static async Task<int> CountAsync(IMailFolder folder)
    {
        await folder.StatusAsync(StatusItems.Count);
        return folder.Count;
    }

    private static void Write(string maildir, string name, string content, DateTime date)
    {
        var file = Path.Combine(maildir, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        File.SetLastWriteTimeUtc(file, date);
    }
}

using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>State that survives a restart.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private ServerProcess? _started;
    private string _user = "";

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _started = await ServerProcess.StartNewAsync();
        _user = await Server.AddUserAsync();
    }

    public async Task DisposeAsync()
    {
        if (_started is not null)
        {
            await _started.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_restart_keeps_uids_flags_keywords_and_folders()
    {
        await FillAsync();
        var before = await LookAsync();
        await Server.RestartAsync();
        Assert.Equal(before, await LookAsync());
    }

    [Fact]
    public async Task A_lost_index_is_rebuilt_with_the_same_uids_and_flags()
    {
        await FillAsync();
        var before = await LookAsync();
        await Eventually.BecomesTrueAsync(() => Server.FilesWith("Subject: two") is [var f, var copy] && f.EndsWith(":2,FS", StringComparison.Ordinal) && copy.EndsWith(":2,FS", StringComparison.Ordinal), "flags in the file names");
        Assert.Equal(0, await Server.StopAsync());
        var indexes = Directory.GetFiles(Server.MaildirPath, "index.db*", SearchOption.AllDirectories);
        Assert.NotEmpty(indexes);
        Array.ForEach(indexes, File.Delete);
        await Server.StartAsync();
        Assert.Equal(before, await LookAsync());
    }

    [Fact]
    public async Task No_uid_is_used_twice_even_when_the_last_message_and_the_index_are_gone()
    {
        await FillAsync();
        var (client, inbox) = await Server.InboxAsync(_user);
        var next = inbox.UidNext!.Value.Id;
        await inbox.AddFlagsAsync(inbox.Count - 1, MessageFlags.Deleted, silent: true);
        await inbox.ExpungeAsync();
        await client.DisconnectAsync(quit: true);
        client.Dispose();
        Assert.Equal(0, await Server.StopAsync());
        Array.ForEach(Directory.GetFiles(Server.MaildirPath, "index.db*", SearchOption.AllDirectories), File.Delete);
        await Server.StartAsync();
        await Server.DeliverAsync(TestMail.Text(_user, "after"), _user);
        var (again, inboxAgain) = await Server.InboxAsync(_user);
        using var _ = again;
        var last = (await inboxAgain.FetchAsync(0, -1, MessageSummaryItems.UniqueId))[^1];
        Assert.True(last.UniqueId.Id >= next, $"UID {last.UniqueId.Id} was given before (UIDNEXT was {next})");
    }

    [Fact]
    public async Task A_file_that_another_tool_puts_into_new_appears()
    {
        await Server.DeliverAsync(TestMail.Text(_user, "first"), _user);
        var inboxFolder = Path.GetDirectoryName(Path.GetDirectoryName(Assert.Single(Server.FilesWith("Subject: first"))!))!;
        var (client, inbox) = await Server.InboxAsync(_user);
        using var _ = client;
        var temporary = Path.Combine(inboxFolder, "tmp", "1700000000.M1P1.other");
        await File.WriteAllTextAsync(temporary, TestMail.Text(_user, "dropped"));
        File.Move(temporary, Path.Combine(inboxFolder, "new", "1700000000.M1P1.other"));
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                await client.NoOpAsync();
                return inbox.Count == 2;
            },
            "the dropped message appears");
        Assert.Equal("dropped", (await inbox.GetMessageAsync(1)).Subject);
    }

    [Fact]
    public async Task SIGTERM_sends_BYE_to_idle_sessions_and_exits_with_0()
    {
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        await wire.ImapAsync($"LOGIN {_user} \"{ServerProcess.Password}\"");
        await wire.ImapAsync("SELECT INBOX");
        await wire.ImapAsync("IDLE");
        var stopping = Server.StopAsync();
        Assert.Contains("* BYE", await wire.ReadToEndAsync(TimeSpan.FromSeconds(15)), StringComparison.Ordinal);
        Assert.Equal(0, await stopping);
    }

    [Fact]
    public async Task Without_require_tls_a_sign_in_over_plain_text_is_accepted()
    {
        await using var open = await ServerProcess.StartNewAsync(new ServerSettings { RequireTls = false });
        var user = await open.AddUserAsync();
        await using var wire = await WireClient.ConnectAsync(open.Ports.Imap);
        await wire.ReadLineAsync();
        Assert.Contains(" OK ", (await wire.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\""))[^1], StringComparison.Ordinal);
    }

    private async Task FillAsync()
    {
        foreach (var subject in new[] { "one", "two", "three" })
        {
            await Server.DeliverAsync(TestMail.Text(_user, subject), _user);
        }

        var (client, inbox) = await Server.InboxAsync(_user);
        using var _ = client;
        await inbox.AddFlagsAsync(1, MessageFlags.Seen | MessageFlags.Flagged, silent: true);
        await inbox.AddFlagsAsync([2], MessageFlags.None, new HashSet<string>(StringComparer.Ordinal) { "later" }, silent: true);
        await inbox.AddFlagsAsync(0, MessageFlags.Deleted, silent: true);
        await inbox.ExpungeAsync();
        var made = await client.GetFolder(client.PersonalNamespaces[0]).CreateAsync("Kept Ärchiv", isMessageFolder: true);
        await made!.SubscribeAsync();
        await inbox.CopyToAsync(0, made);
        await client.DisconnectAsync(quit: true);
    }

    /// <summary>Everything that a client can know about the account, as lines.</summary>
    private async Task<IReadOnlyList<string>> LookAsync()
    {
        using var client = await Server.ImapAsync(_user);
        var lines = new List<string>();
        foreach (var folder in (await client.GetFoldersAsync(client.PersonalNamespaces[0])).OrderBy(f => f.FullName, StringComparer.Ordinal))
        {
            await folder.OpenAsync(FolderAccess.ReadOnly);
            lines.Add($"{folder.FullName} {folder.Attributes & FolderAttributes.Subscribed} {folder.UidValidity} {folder.Count}");
            if (folder.Count > 0)
            {
                var rows = await folder.FetchAsync(0, -1, MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | MessageSummaryItems.Envelope | MessageSummaryItems.Size | MessageSummaryItems.InternalDate);
                lines.AddRange(rows.Select(r =>
                    $"  {r.UniqueId} {r.Flags & ~MessageFlags.Recent} {string.Join(',', r.Keywords.Order(StringComparer.Ordinal))} {r.Envelope?.Subject} {r.Size} {r.InternalDate:O}"));
            }
        }

        return lines;
    }
}

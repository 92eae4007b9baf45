using System.Globalization;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>A mailbox that fills up: the replies to senders, the warnings, and recovery when the administrator raises the quota.</summary>
public sealed class QuotaEnforcementTests : IAsyncLifetime
{
    private ServerProcess _server = null!;

    public async Task InitializeAsync() => _server = await ServerProcess.StartNewAsync(new ServerSettings { Security = ["max_outgoing_per_hour: 50"] });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_full_mailbox_refuses_at_RCPT_and_accepts_mail_as_soon_as_there_is_room()
    {
        var user = await _server.AddUserAsync();
        (await _server.CliAsync("domain", "quota", _server.Domain, "20K")).Succeeded();
        await using var wire = await ConnectAsync();
        Assert.StartsWith("250", await SendAsync(wire, [user], 16_000), StringComparison.Ordinal);
        // There is some room, but not for this message: refused after its content.
        Assert.StartsWith("452 4.2.2", await SendAsync(wire, [user], 9_000), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(wire, [user], 2_000), StringComparison.Ordinal);
        (await _server.CliAsync("user", "quota", user, "10K")).Succeeded();
        Assert.StartsWith("250", await wire.SmtpAsync("MAIL FROM:<friend@elsewhere.example>"), StringComparison.Ordinal);
        Assert.StartsWith("452 4.2.2", await wire.SmtpAsync($"RCPT TO:<{user}>"), StringComparison.Ordinal);
        (await _server.CliAsync("user", "quota", user, "none")).Succeeded();
        Assert.StartsWith("250", await wire.SmtpAsync($"RCPT TO:<{user}>"), StringComparison.Ordinal);
        await wire.SmtpAsync("RSET");
        Assert.StartsWith("250", await SendAsync(wire, [user], 30_000), StringComparison.Ordinal);

        var log = await File.ReadAllTextAsync(Path.Combine(_server.Folder, "server.log"));
        Assert.Equal(1, log.Split("\"Mark\":80").Length - 1);
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_server.Ports.Admin}/metrics")));
        Assert.Contains("mailserver_quota_refusals_total{of=\"recipient\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("mailserver_quota_refusals_total{of=\"delivery\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipient_with_a_full_mailbox_gets_the_message_from_the_queue_once_there_is_room()
    {
        var full = await _server.AddUserAsync();
        var other = await _server.AddUserAsync();
        (await _server.CliAsync("alias", "add", $"both@{_server.Domain}", full, other)).Succeeded();
        (await _server.CliAsync("user", "quota", full, "1K")).Succeeded();
        await using var wire = await ConnectAsync();
        Assert.StartsWith("250", await SendAsync(wire, [$"both@{_server.Domain}"], 5_000), StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync(other));
        Assert.Equal(0, await CountAsync(full));
        var queued = (await _server.CliAsync("queue", "list", "--json")).Succeeded().Output;
        using var list = JsonDocument.Parse(queued);
        var item = Assert.Single(list.RootElement.EnumerateArray());
        Assert.Contains("mailbox is full", queued, StringComparison.Ordinal);

        (await _server.CliAsync("user", "quota", full, "default")).Succeeded();
        (await _server.CliAsync("queue", "retry", item.GetProperty("id").GetString()!)).Succeeded();
        await Eventually.BecomesTrueAsync(async () => await CountAsync(full) == 1, "the message arrives");
        Assert.Equal(1, await CountAsync(other));
    }

    [Fact]
    public async Task User_show_and_IMAP_report_quota_usage_and_messages_sent()
    {
        var user = await _server.AddUserAsync();
        (await _server.CliAsync("user", "quota", user, "64K")).Succeeded();
        await using var wire = await ConnectAsync();
        Assert.StartsWith("250", await SendAsync(wire, [user], 30_000), StringComparison.Ordinal);
        using (var client = await _server.SubmitAsync(user))
            await client.SendAsync(MailKitClients.Letter(user, "nobody@elsewhere.invalid", "out"));

        var (imap, inbox) = await _server.InboxAsync(user);
        using (imap)
        {
            Assert.True(imap.SupportsQuotas);
            var quota = await inbox.GetQuotaAsync();
            Assert.Equal(64u, quota.StorageLimit);
            Assert.InRange(quota.CurrentStorageSize!.Value, 29u, 36u);
        }

        using var shown = JsonDocument.Parse((await _server.CliAsync("user", "show", user, "--json")).Succeeded().Output);
        var facts = shown.RootElement[0];
        Assert.Equal(("64K", "user"), (facts.GetProperty("quota").GetString(), facts.GetProperty("quota_from").GetString()));
        Assert.InRange(facts.GetProperty("used").GetInt64(), 29_000, 36_000);
        Assert.Equal((1, 50), (facts.GetProperty("sent_recipients_hour").GetInt64(), facts.GetProperty("sent_recipients_hour_limit").GetInt64()));
        Assert.Contains("1 of 50", (await _server.CliAsync("user", "show", user)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("64K", (await _server.CliAsync("user", "list")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(2, (await _server.CliAsync("user", "quota", user, "much")).ExitCode);
        Assert.NotEqual(0, (await _server.CliAsync("user", "quota", $"nobody@{_server.Domain}")).ExitCode);

        Assert.Equal(0, await _server.StopAsync());
        var stopped = (await _server.CliAsync("user", "show", user)).Succeeded().Output;
        Assert.Contains("64K", stopped, StringComparison.Ordinal);
        Assert.DoesNotContain("used", stopped, StringComparison.Ordinal);
    }

    private async Task<int> CountAsync(string user)
    {
        var (client, inbox) = await _server.InboxAsync(user);
        using (client) return inbox.Count;
    }

    private async Task<WireClient> ConnectAsync()
    {
        var wire = await WireClient.ConnectAsync(_server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO elsewhere.example");
        return wire;
    }

    private static async Task<string> SendAsync(WireClient wire, IEnumerable<string> recipients, int size)
    {
        await wire.SmtpAsync("MAIL FROM:<friend@elsewhere.example>");
        foreach (var recipient in recipients)
        {
            var answer = await wire.SmtpAsync($"RCPT TO:<{recipient}>");
            if (answer[0] != '2') return answer;
        }

        await wire.SmtpAsync("DATA");
        var line = new string('x', 76) + "\r\n";
        return await wire.SmtpAsync($"From: friend@elsewhere.example\r\nSubject: large\r\n\r\n{string.Concat(Enumerable.Repeat(line, size / line.Length))}.");
    }
}

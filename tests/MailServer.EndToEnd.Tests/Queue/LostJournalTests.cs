using System.Diagnostics;
using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>A server whose queue journal is lost: acknowledged messages are still sent, and every request is answered.</summary>
public sealed class LostJournalTests
{
    private const int Messages = 12;
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(20);

    public enum JournalLoss
    {
        Gone,
        Head,
        DirectoryInItsPlace,
    }

    public static TheoryData<JournalLoss> DamageKinds() => [.. Enum.GetValues<JournalLoss>()];

    [Theory]
    [MemberData(nameof(DamageKinds))]
    public async Task Acknowledged_mail_is_requeued_and_status_reports_the_loss(JournalLoss damage)
    {
        // Nothing listens there, so messages stay queued.
        await using var server = await ServerProcess.CreateAsync(new ServerSettings { RelayHost = "127.0.0.1:1" });
        (await server.CliAsync("alias", "add", $"to@{server.Domain}", "r@far.example")).Succeeded();
        await server.StartAsync();
        for (var n = 0; n < Messages; n++) Assert.StartsWith("250", await SendAsync(server), StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
        var journal = Path.Combine(server.Folder, "data", "journal.db");
        switch (damage)
        {
            case JournalLoss.Gone:
                File.Move(journal, journal + ".moved");
                break;
            case JournalLoss.Head:
                await using (var file = File.OpenWrite(journal)) await file.WriteAsync(new byte[4096]);
                break;
            case JournalLoss.DirectoryInItsPlace:
                File.Move(journal, journal + ".moved");
                Directory.CreateDirectory(journal);
                break;
        }

        await server.StartAsync();
        var expected = string.Create(CultureInfo.InvariantCulture, $"{Messages} messages were queued again");
        await Eventually.BecomesTrueAsync(async () => (await server.CliAsync("status")).Output.Contains(expected, StringComparison.Ordinal), "status tells of the queue", TimeSpan.FromSeconds(60));
        Assert.Contains("journal.db", (await server.CliAsync("status")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(Messages, (await server.CliAsync("queue", "list")).Succeeded().Output.Split('\n').Count(static l => l.Contains("r@far.example", StringComparison.Ordinal)));
        Assert.StartsWith("250", await SendAsync(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_damaged_at_run_time_does_not_delay_mail()
    {
        await using var server = await ServerProcess.CreateAsync(new ServerSettings { RelayHost = "127.0.0.1:1" });
        (await server.CliAsync("alias", "add", $"to@{server.Domain}", "r@far.example")).Succeeded();
        await server.StartAsync();
        var acknowledged = 0;
        for (var n = 0; n < Messages; n++) if ((await SendAsync(server)).StartsWith("250", StringComparison.Ordinal)) acknowledged++;
        var journal = Path.Combine(server.Folder, "data", "journal.db");
        foreach (var path in new[] { journal, journal + "-wal" })
        {
            await using var file = File.OpenWrite(path);
            var garbage = new byte[file.Length];
            Random.Shared.NextBytes(garbage);
            await file.WriteAsync(garbage);
        }

        for (var n = 0; n < 20; n++)
        {
            var watch = Stopwatch.StartNew();
            var reply = await SendAsync(server);
            Assert.True(watch.Elapsed < AtOnce, $"answered after {watch.Elapsed}: {reply}");
            if (reply.StartsWith("250", StringComparison.Ordinal)) acknowledged++;
            else Assert.StartsWith("451", reply, StringComparison.Ordinal);
        }

        var asked = Stopwatch.StartNew();
        await server.CliAsync("status");
        await server.CliAsync("queue", "list");
        Assert.True(asked.Elapsed < AtOnce, $"status and queue list took {asked.Elapsed}");
        await server.KillAsync();
        await server.StartAsync();
        await Eventually.BecomesTrueAsync(
            async () => (await server.CliAsync("queue", "list")).Output.Split('\n').Count(static l => l.Contains("r@far.example", StringComparison.Ordinal)) >= acknowledged,
            "everything acknowledged is queued", TimeSpan.FromSeconds(60));
    }

    private static async Task<string> SendAsync(ServerProcess server)
    {
        await using var wire = await WireClient.ConnectAsync(server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        return await wire.TransactionAsync("them@sender.example", [$"to@{server.Domain}"], "Subject: x\r\n\r\nx\r\n");
    }
}

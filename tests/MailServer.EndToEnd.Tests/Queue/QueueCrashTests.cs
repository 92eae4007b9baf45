using System.Globalization;
using System.Net.Sockets;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>The first promise, for mail to other hosts: the process is killed while messages are accepted and sent, and every acknowledged recipient gets its message.</summary>
public sealed class QueueCrashTests(ITestOutputHelper output)
{
    private const int Domains = 4;

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("MAILSERVER_QUEUE_CRASH_ROUNDS"), CultureInfo.InvariantCulture, out var n) ? n : 4;

    [Fact]
    public async Task Every_acknowledged_recipient_gets_its_message_whenever_the_process_is_killed()
    {
        await using var world = OutsideWorld.Create();
        var hosts = Enumerable.Range(0, Domains).Select(n => world.Host($"d{n.ToString(CultureInfo.InvariantCulture)}.test")).ToList();
        await using var server = await ServerProcess.CreateAsync(world.Settings());
        string[] targets = [.. Enumerable.Range(0, Domains).Select(n => $"r@d{n.ToString(CultureInfo.InvariantCulture)}.test")];
        (await server.CliAsync(["alias", "add", "all@" + server.Domain, .. targets])).Succeeded();
        var acknowledged = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            await server.StartAsync();
            var sending = SendAsync(server, acknowledged);
            var enough = acknowledged.Count + Random.Shared.Next(1, 40);
            await Eventually.BecomesTrueAsync(() => acknowledged.Count >= enough || sending.IsCompleted, "messages are acknowledged", TimeSpan.FromSeconds(15));
            await Task.Delay(Random.Shared.Next(0, 20));
            await server.KillAsync();
            await sending;
        }

        await server.StartAsync();
        bool Has(Receiver host, string marker) => host.Messages.Any(m => m.Content.Contains(marker, StringComparison.Ordinal));
        await Eventually.BecomesTrueAsync(() => hosts.TrueForAll(h => acknowledged.TrueForAll(m => Has(h, m))), "everything arrives", TimeSpan.FromSeconds(60));
        var copies = hosts.Sum(h => h.Messages.Count(m => acknowledged.Exists(a => m.Content.Contains(a, StringComparison.Ordinal))));
        output.WriteLine($"{Rounds} kills, {acknowledged.Count} messages to {Domains} domains, {copies - acknowledged.Count * Domains} duplicates");
        Assert.NotEmpty(acknowledged);
    }

    /// <summary>Ends when the connection does.</summary>
    private static async Task SendAsync(ServerProcess server, List<string> acknowledged)
    {
        try
        {
            await using var wire = await WireClientFor(server);
            while (true)
            {
                var marker = Guid.NewGuid().ToString("N");
                var reply = await wire.TransactionAsync("them@sender.example", ["all@" + server.Domain], $"Subject: {marker}\r\n\r\nx\r\n");
                if (!reply.StartsWith("250", StringComparison.Ordinal))
                {
                    return;
                }

                acknowledged.Add(marker);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Killed.
        }
    }

    private static async Task<WireClient> WireClientFor(ServerProcess server)
    {
        var wire = await WireClient.ConnectAsync(server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        return wire;
    }
}

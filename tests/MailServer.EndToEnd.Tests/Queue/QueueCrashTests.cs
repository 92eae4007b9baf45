using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>
/// No acknowledged mail to other hosts is lost: the process is killed while messages are accepted and sent, and every acknowledged recipient gets the
/// message. <c>tests/crash-queue.sh</c> runs this test at full size.
/// </summary>
public sealed class QueueCrashTests(ITestOutputHelper output)
{
    private const int Connections = 4;

    private static int Rounds => Number("MAILSERVER_QUEUE_CRASH_ROUNDS", 4);

    private static int Messages => Number("MAILSERVER_QUEUE_CRASH_MESSAGES", 60);

    private static int Domains => Number("MAILSERVER_QUEUE_CRASH_DOMAINS", 4);

    [Fact]
    public async Task Every_acknowledged_recipient_gets_the_message_whenever_the_process_is_killed()
    {
        await using var world = RemoteMailHosts.Create();
        var hosts = Enumerable.Range(0, Domains).Select(n => world.Host($"d{Text(n)}.test")).ToList();
        await using var server = await ServerProcess.CreateAsync(world.Settings());
        for (var n = 0; n < Domains; n++)
        {
            (await server.CliAsync("alias", "add", $"to{Text(n)}@{server.Domain}", $"r@d{Text(n)}.test")).Succeeded();
        }

        var acknowledged = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            await server.StartAsync();
            var before = acknowledged.Count;
            var sending = Task.WhenAll(Enumerable.Range(0, Connections).Select(n => SendAsync(server, acknowledged, n, Messages / Connections)));
            var enough = before + Random.Shared.Next(1, Messages + 1);
            await Eventually.BecomesTrueAsync(() => acknowledged.Count >= enough || sending.IsCompleted, "messages are acknowledged", TimeSpan.FromSeconds(120));
            // Some rounds end while messages are accepted, others while they are sent.
            await Task.Delay(Random.Shared.Next(0, 50));
            await server.KillAsync();
            await sending;
        }

        await server.StartAsync();
        var wanted = acknowledged.ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal);
        var arrived = new Dictionary<string, int>(StringComparer.Ordinal);
        try
        {
            await Eventually.BecomesTrueAsync(() => (arrived = Arrived(hosts)).Count >= wanted.Count && wanted.Keys.All(arrived.ContainsKey), "everything arrives", TimeSpan.FromSeconds(120));
        }
        finally
        {
            var acknowledgedHere = wanted.Keys.Where(arrived.ContainsKey).ToList();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Rounds} kills, {Domains} domains: {wanted.Count} acknowledged, {acknowledgedHere.Count} delivered, {wanted.Count - acknowledgedHere.Count} lost, {acknowledgedHere.Sum(m => arrived[m] - 1)} duplicates, {arrived.Count - acknowledgedHere.Count} delivered without having been acknowledged"));
        }

        Assert.NotEmpty(wanted);
        Assert.All(wanted, w => Assert.Contains(hosts[w.Value].Messages, m => m.Content.Contains(w.Key, StringComparison.Ordinal)));
    }

    private static Dictionary<string, int> Arrived(List<SmtpReceiver> hosts)
    {
        var count = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var content in hosts.SelectMany(h => h.Messages).Select(m => m.Content))
        {
            var at = content.IndexOf("Subject: ", StringComparison.Ordinal) + 9;
            var marker = content.Substring(at, 32);
            count[marker] = count.GetValueOrDefault(marker) + 1;
        }

        return count;
    }

    /// <summary>Ends with the connection, or when that many were acknowledged.</summary>
    private static async Task SendAsync(ServerProcess server, ConcurrentDictionary<string, int> acknowledged, int first, int count)
    {
        try
        {
            await using var wire = await WireClientFor(server);
            for (var n = 0; n < count; n++)
            {
                var marker = Guid.NewGuid().ToString("N");
                var domain = (first + n) % Domains;
                var reply = await wire.TransactionAsync("them@sender.example", [$"to{Text(domain)}@{server.Domain}"], $"Subject: {marker}\r\n\r\nx\r\n");
                if (!reply.StartsWith("250", StringComparison.Ordinal))
                {
                    return;
                }

                acknowledged[marker] = domain;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The server was killed.
        }
    }

    private static async Task<WireClient> WireClientFor(ServerProcess server)
    {
        var wire = await WireClient.ConnectAsync(server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        return wire;
    }

    private static string Text(int n) => n.ToString(CultureInfo.InvariantCulture);

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var n) ? n : otherwise;
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>Many messages wait for hosts that are down: the cost in memory and at a restart. <c>tests/queue-size.sh</c> runs this test with 100,000.</summary>
public sealed class QueueSizeTests(ITestOutputHelper output)
{
    private const int Connections = 16;
    private const int Domains = 20;
    private const int Promised = 100_000;
    private const long MostMemory = 150 * 1024;

    private static readonly TimeSpan MostStart = TimeSpan.FromSeconds(5);

    private static int Messages => int.TryParse(Environment.GetEnvironmentVariable("MAILSERVER_QUEUE_SIZE"), CultureInfo.InvariantCulture, out var n) ? n : 800;

    [Fact]
    public async Task Many_queued_messages_cost_little_memory_and_little_startup_time()
    {
        await using var world = RemoteMailHosts.Create();
        for (var n = 0; n < Domains; n++)
        {
            world.Dns.Address(string.Create(CultureInfo.InvariantCulture, $"d{n}.test"), "127.0.0.250");
        }

        await using var server = await ServerProcess.CreateAsync(world.Settings(retryFirst: 3600));
        for (var n = 0; n < Domains; n++)
        {
            (await server.CliAsync("alias", "add", Target(server, n), string.Create(CultureInfo.InvariantCulture, $"someone.with.a.name@d{n}.test"))).Succeeded();
        }

        var watch = Stopwatch.StartNew();
        await server.StartAsync();
        await CountAsync(server);
        var empty = watch.Elapsed;
        var idle = await SettledAsync(server);
        watch.Restart();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(n => FillAsync(server, n, Messages / Connections)));
        var filled = watch.Elapsed;
        Assert.Equal(Messages, await CountAsync(server));
        var full = await SettledAsync(server);
        await server.StopAsync();
        watch.Restart();
        await server.StartAsync();
        var answering = watch.Elapsed;
        Assert.Equal(Messages, await CountAsync(server));
        var ready = watch.Elapsed;
        var again = await SettledAsync(server);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Messages} messages in {filled.TotalSeconds:F0} s; resident: {idle / 1024} MB idle, {full / 1024} MB full (+{(full - idle) / 1024}), {again / 1024} MB after a restart (+{(again - idle) / 1024}); restart: ports answer after {answering.TotalSeconds:F1} s, the queue after {ready.TotalSeconds:F1} s (empty: {empty.TotalSeconds:F1} s)"));
        Assert.InRange(full - idle, long.MinValue, MostMemory);
        Assert.InRange(again - idle, long.MinValue, MostMemory);
        // The limit applies to an idle machine (tests/queue-size.sh); in CI the time is only reported.
        if (Messages >= Promised) Assert.InRange(ready, TimeSpan.Zero, MostStart);
    }

    /// <summary>Waits until the memory no longer decreases.</summary>
    private static async Task<long> SettledAsync(ServerProcess server)
    {
        var lowest = server.ResidentMemory();
        for (var quiet = 0; quiet < (Messages >= Promised ? 12 : 3); quiet++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            var now = server.ResidentMemory();
            if (now < lowest * 0.98)
            {
                quiet = 0;
            }

            lowest = Math.Min(lowest, now);
        }

        return lowest;
    }

    private static async Task<int> CountAsync(ServerProcess server)
    {
        // Sends the request of the command line, without the time that a process needs to start.
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(server.Folder, "data", "admin.sock")), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var admin = new HttpClient(handler);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var listed = JsonDocument.Parse(await admin.GetStringAsync(new Uri("http://localhost/admin/v1/queue?max=1")));
                return listed.RootElement.GetProperty("count").GetInt32();
            }
            catch (HttpRequestException) when (watch.Elapsed < TimeSpan.FromSeconds(60))
            {
                // The mail ports open before this socket does, or the partitions are still loading.
                await Task.Delay(20);
            }
        }
    }

    private static async Task FillAsync(ServerProcess server, int first, int count)
    {
        await using var wire = await WireClient.ConnectAsync(server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        for (var n = 0; n < count; n++)
        {
            var reply = await wire.TransactionAsync("a.sender.of.mail@sender.example", [Target(server, first + n)], $"Message-ID: <{Guid.NewGuid():N}@sender.example>\r\nSubject: one of many\r\n\r\nx\r\n");
            Assert.StartsWith("250", reply, StringComparison.Ordinal);
            if (n % 900 != 899)
            {
                continue;
            }

            // A connection accepts a thousand messages.
            await wire.SmtpAsync("QUIT");
            await FillAsync(server, first, count - n - 1);
            return;
        }
    }

    private static string Target(ServerProcess server, int n) => string.Create(CultureInfo.InvariantCulture, $"to{n % Domains}@{server.Domain}");
}

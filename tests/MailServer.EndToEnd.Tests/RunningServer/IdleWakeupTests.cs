using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>An idle server does nothing, measured in wake-ups of its threads, which are independent of other load on the machine.</summary>
public sealed class IdleWakeupTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int MostWakeUpsInSecond = 60;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private ServerProcess _server = null!;

    public async Task InitializeAsync() => _server = await ServerProcess.StartNewAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task An_idle_server_rarely_wakes() => await AssertComesToRestAsync();

    [Fact]
    public async Task A_server_with_idle_sessions_rarely_wakes()
    {
        var users = new List<string>();
        for (var i = 0; i < 3; i++) users.Add(await _server.AddUserAsync());
        var sessions = new List<WireClient>();
        try
        {
            for (var i = 0; i < 60; i++)
            {
                var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
                sessions.Add(wire);
                await wire.ReadLineAsync();
                await wire.ImapAsync($"LOGIN {users[i % users.Count]} \"{ServerProcess.Password}\"");
                Assert.Contains(" OK ", (await wire.ImapAsync("SELECT INBOX"))[^1], StringComparison.Ordinal);
                await wire.SendAsync("i1 IDLE\r\n");
                Assert.StartsWith("+", await wire.ReadLineAsync(), StringComparison.Ordinal);
            }

            await AssertComesToRestAsync();
        }
        finally
        {
            foreach (var session in sessions) await session.DisposeAsync();
        }
    }

    /// <summary>After the start there is work for a while (compilation, returning memory); a loop that never rests keeps the server from coming to rest.</summary>
    private async Task AssertComesToRestAsync()
    {
        using var late = new CancellationTokenSource(Patience);
        var least = double.MaxValue;
        while (least >= MostWakeUpsInSecond)
        {
            var before = WakeUps();
            await Task.Delay(Window, CancellationToken.None);
            var inSecond = (WakeUps() - before) / Window.TotalSeconds;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inSecond:0.0} wake-ups a second"));
            least = Math.Min(least, inSecond);
            Assert.True(least < MostWakeUpsInSecond || !late.IsCancellationRequested, string.Create(CultureInfo.InvariantCulture, $"never less than {least:0.0} wake-ups a second"));
        }
    }

    /// <summary>The number of voluntary context switches of its threads so far, one per wake-up.</summary>
    private long WakeUps()
    {
        const string Voluntary = "voluntary_ctxt_switches:";
        var sum = 0L;
        foreach (var thread in Directory.GetDirectories($"/proc/{_server.ProcessId}/task"))
        {
            try
            {
                var line = File.ReadLines(Path.Combine(thread, "status")).First(static l => l.StartsWith(Voluntary, StringComparison.Ordinal));
                sum += long.Parse(line.AsSpan(Voluntary.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has ended.
            }
        }

        return sum;
    }
}

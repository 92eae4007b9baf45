using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Faults;

/// <summary>
/// Nothing acknowledged is ever lost. Several connections deliver and append, the process is killed at a random moment,
/// and after the restart every acknowledged message exists exactly once, every other at most once, and every UID is unchanged.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private readonly ConcurrentDictionary<(string User, string Marker), bool> _acknowledged = new();
    private readonly Dictionary<(string User, string Marker), uint> _seen = [];
    private int _markers;

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("MAILSERVER_CRASH_ROUNDS"), CultureInfo.InvariantCulture, out var n) ? n : 20;

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("MAILSERVER_CRASH_SEED"), CultureInfo.InvariantCulture, out var n) ? n : Random.Shared.Next();

    [Fact]
    public async Task Every_acknowledged_message_survives_SIGKILL_exactly_once_with_its_uid()
    {
        var seed = Seed;
        output.WriteLine($"MAILSERVER_CRASH_SEED={seed.ToString(CultureInfo.InvariantCulture)}");
        var random = new Random(seed);
        await using var server = await ServerProcess.CreateAsync(new ServerSettings { RequireTls = false });
        string[] users = [await server.AddUserAsync(), await server.AddUserAsync(), await server.AddUserAsync()];
        for (var round = 1; round <= Rounds; round++)
        {
            await server.StartAsync();
            await CheckAsync(server, users, $"after kill {round - 1} (seed {seed})");
            var senders = Senders(server, users);
            await Task.Delay(random.Next(20, 600));
            await server.KillAsync();
            await Task.WhenAll(senders);
        }

        await server.StartAsync();
        await CheckAsync(server, users, $"after the last kill (seed {seed})");
        output.WriteLine($"{Rounds} kills, {_acknowledged.Count} acknowledged copies, {_seen.Count} found");
        Assert.True(_acknowledged.Count > Rounds, $"only {_acknowledged.Count} messages were acknowledged: the test did not test");
    }

    private List<Task> Senders(ServerProcess server, string[] users) =>
    [
        UntilKilledAsync(() => DeliverAsync(server, [users[0]])),
        UntilKilledAsync(() => DeliverAsync(server, [users[1], users[2]])),
        UntilKilledAsync(() => DeliverAsync(server, users)),
        UntilKilledAsync(() => AppendAsync(server, users[0])),
        UntilKilledAsync(() => AppendAsync(server, users[1])),
    ];

    /// <summary>Ends with the connection.</summary>
    private static async Task UntilKilledAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is IOException or SocketException or EndOfStreamException or OperationCanceledException)
        {
            // The server was killed: messages not acknowledged by now may or may not exist.
        }
    }

    private async Task DeliverAsync(ServerProcess server, string[] recipients)
    {
        await using var wire = await WireClient.ConnectAsync(server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        while (true)
        {
            var marker = NextMarker();
            var reply = await wire.TransactionAsync("someone@sender.example", recipients, MarkedMail.Text(recipients[0], marker));
            if (reply.Length == 0)
            {
                return;
            }

            Assert.StartsWith("250 ", reply, StringComparison.Ordinal);
            Array.ForEach(recipients, r => _acknowledged[(r, marker)] = true);
        }
    }

    private async Task AppendAsync(ServerProcess server, string user)
    {
        await using var wire = await MarkedMail.LoginAsync(server, user);
        while (true)
        {
            var marker = NextMarker();
            var text = MarkedMail.Text(user, marker);
            var answer = await wire.ImapAsync($"APPEND INBOX {{{text.Length.ToString(CultureInfo.InvariantCulture)}+}}\r\n{text}");
            Assert.Contains(" OK ", answer[^1], StringComparison.Ordinal);
            _acknowledged[(user, marker)] = true;
        }
    }

    private async Task CheckAsync(ServerProcess server, string[] users, string when)
    {
        foreach (var user in users)
        {
            var found = await MarkedMail.ReadAsync(server, user);
            var byMarker = found.GroupBy(f => f.Marker, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(f => f.Uid).ToList(), StringComparer.Ordinal);
            Assert.All(byMarker, f => Assert.True(f.Value.Count == 1, $"{f.Key} is there {f.Value.Count} times for {user} {when}"));
            Assert.Equal(found.Count, found.DistinctBy(f => f.Uid).Count());
            foreach (var (owner, marker) in _acknowledged.Keys.Where(k => k.User == user))
            {
                Assert.True(byMarker.ContainsKey(marker), $"{marker} was acknowledged for {owner} and is lost {when}");
            }

            foreach (var ((owner, marker), uid) in _seen.Where(s => s.Key.User == user))
            {
                Assert.True(byMarker.TryGetValue(marker, out var now) && now[0] == uid, $"{marker} of {owner} had UID {uid} and has not {when}");
            }

            foreach (var (marker, uids) in byMarker)
            {
                _seen[(user, marker)] = uids[0];
            }
        }
    }

    private string NextMarker() => "m" + Interlocked.Increment(ref _markers).ToString(CultureInfo.InvariantCulture);
}

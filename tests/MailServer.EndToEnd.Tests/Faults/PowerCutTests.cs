using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Faults;

/// <summary>
/// Power cuts while clients deliver, submit, append, flag, copy, move and expunge. Afterwards the guarantees of docs/durability.md hold:
/// for messages always, for flags and removals if they were acknowledged before the window.
/// </summary>
public sealed class PowerCutTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Megabytes = 512;

    private readonly ConcurrentDictionary<string, long> _delivered = new();
    private readonly ConcurrentDictionary<string, long> _submitted = new();
    private readonly SmtpSink _sink = SmtpSink.Start();
    private readonly List<FlagWorker> _workers = [];
    private LoopDisk? _mounted;
    private ServerProcess? _made;
    private string _recipient = "";
    private int _markers;
    private int _lostWithin;
    private int _acknowledged;

    private static int Cuts => Number("MAILSERVER_POWER_CUTS", 5);

    private static int Seed => Number("MAILSERVER_POWER_SEED", Random.Shared.Next());

    /// <summary>The guarantee is one second on a machine that keeps up; one that runs many tests wakes timers late.</summary>
    private static int WindowMilliseconds => Number("MAILSERVER_POWER_WINDOW", 3_000);

    private LoopDisk Disk => _mounted ?? throw new InvalidOperationException("not mounted");

    private ServerProcess Server => _made ?? throw new InvalidOperationException("not made");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_made is not null) await _made.DisposeAsync();
        if (_mounted is not null) await _mounted.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [ClientFact("losetup", "mkfs.ext4", "unshare")]
    public async Task A_power_cut_loses_only_flag_changes_and_removals_of_the_last_second()
    {
        var seed = Seed;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"MAILSERVER_POWER_SEED={seed}"));
        var random = new Random(seed);
        await PrepareAsync(seed);
        for (var cut = 1; cut <= Cuts; cut++)
        {
            var at = await CutAsync(random.Next(1_000, 4_000));
            await CheckAsync(at, string.Create(CultureInfo.InvariantCulture, $"cut {cut}, seed {seed}"));
        }

        await Eventually.BecomesTrueAsync(() => _submitted.Keys.All(IsSent), "every acknowledged submission is handed on", TimeSpan.FromMinutes(2));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Cuts} power cuts; acknowledged: {_delivered.Count} deliveries, {_submitted.Count} submissions, {_acknowledged} mailbox changes; lost outside of the window: 0; within it: {_lostWithin} changes"));
        Assert.True(_acknowledged > Cuts * 20 && _delivered.Count > Cuts && _submitted.Count > Cuts, "too little was acknowledged: the test did not test");
    }

    private async Task PrepareAsync(int seed)
    {
        _mounted = await LoopDisk.CreateAsync(Megabytes);
        var settings = new ServerSettings
        {
            RequireTls = false,
            RelayHost = _sink.Address,
            Folder = Directory.CreateDirectory(Path.Combine(Disk.Folder, "server")).FullName,
        };
        _made = await ServerProcess.CreateAsync(settings);
        for (var i = 0; i < 3; i++) _workers.Add(new FlagWorker(await Server.AddUserAsync(), seed + i));
        _recipient = await Server.AddUserAsync();
        await Server.StartAsync();
        foreach (var worker in _workers) await FlagWorker.PrepareAsync(Server, worker.User);
        // Only mail is tested here: the configuration is made durable first.
        await Disk.SyncAsync();
    }

    /// <summary>Lets all clients work for a while, then cuts the power; returns the time of the cut.</summary>
    private async Task<long> CutAsync(int milliseconds)
    {
        List<Task> working =
        [
            .. _workers.Select(w => UntilCutAsync(() => w.WorkAsync(Server))),
            UntilCutAsync(DeliverAsync),
            UntilCutAsync(SubmitAsync),
        ];
        await Task.Delay(milliseconds);
        // Stopped first, so that nothing is acknowledged between the recorded time and the cut.
        await Signals.SendAsync(Server.ProcessId, "STOP");
        var at = Stopwatch.GetTimestamp();
        Disk.Cut();
        await Server.KillAsync();
        await Task.WhenAll(working);
        await Disk.RestoreAsync();
        return at;
    }

    private async Task CheckAsync(long cut, string when)
    {
        await Server.StartAsync();
        var certain = cut - (Stopwatch.Frequency * WindowMilliseconds / 1_000);
        var wrong = new List<string>();
        foreach (var worker in _workers)
        {
            wrong.AddRange(await worker.CheckAsync(Server, certain, cut));
            _acknowledged += worker.Acknowledged;
            _lostWithin += worker.Lost;
        }

        var filed = (await MarkedMail.ReadAsync(Server, _recipient)).GroupBy(f => f.Marker, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        wrong.AddRange(_delivered.Where(d => d.Value < cut && !filed.ContainsKey(d.Key)).Select(d => $"{d.Key} was delivered and is gone"));
        wrong.AddRange(filed.Where(f => f.Value > 1).Select(f => $"{f.Key} is there {f.Value} times"));
        Assert.True(wrong.Count == 0, $"{when}:\n{string.Join('\n', wrong)}");
    }

    private async Task DeliverAsync()
    {
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        while (true)
        {
            var marker = NextMarker("d");
            if (!(await wire.TransactionAsync("someone@sender.example", [_recipient], MarkedMail.Text(_recipient, marker))).StartsWith("250 ", StringComparison.Ordinal)) return;
            _delivered[marker] = Stopwatch.GetTimestamp();
        }
    }

    private async Task SubmitAsync()
    {
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Submission);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO client.example");
        var secret = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{_recipient}\0{ServerProcess.Password}"));
        Assert.StartsWith("235 ", await wire.SmtpAsync("AUTH PLAIN " + secret), StringComparison.Ordinal);
        while (true)
        {
            var marker = NextMarker("s");
            var text = TestMail.Text("far@remote.test", marker, from: _recipient);
            if (!(await wire.TransactionAsync(_recipient, ["far@remote.test"], text)).StartsWith("250 ", StringComparison.Ordinal)) return;
            _submitted[marker] = Stopwatch.GetTimestamp();
        }
    }

    private bool IsSent(string marker) => _sink.Messages.Any(m => m.Content.Contains($"Subject: {marker}\r\n", StringComparison.Ordinal));

    /// <summary>Ends with the connection: messages not acknowledged by then may or may not exist.</summary>
    private static async Task UntilCutAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is IOException or SocketException or EndOfStreamException or OperationCanceledException)
        {
        }
    }

    private string NextMarker(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}{Interlocked.Increment(ref _markers)}");

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}

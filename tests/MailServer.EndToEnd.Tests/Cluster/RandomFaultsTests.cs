using System.Diagnostics;
using System.Globalization;
using MailServer.Storage.Tests.Postgres;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>
/// Faults in a random order under load, for <c>MAILSERVER_CLUSTER_SECONDS</c> (1: one fault): a node is killed, stopped, frozen, or the database restarts. The seed is
/// written down; <c>MAILSERVER_CLUSTER_SEED</c> plays it again.
/// </summary>
[Collection(nameof(ClusterCollection))]
public sealed class RandomFaultsTests(ITestOutputHelper output)
{
    [PostgresFact]
    public async Task Whatever_happens_in_whatever_order_nothing_acknowledged_is_lost_or_doubled()
    {
        var seed = Setting("MAILSERVER_CLUSTER_SEED", Random.Shared.Next());
        var time = TimeSpan.FromSeconds(Setting("MAILSERVER_CLUSTER_SECONDS", 1));
        output.WriteLine($"MAILSERVER_CLUSTER_SEED={seed}");
        var random = new Random(seed);
        await using var rig = await ClusterRig.StartAsync(accounts: 5);
        var memory = new UidMemory();
        await using var load = new ClusterLoad(rig);
        load.Start(2, TimeSpan.FromMilliseconds(50));
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
        {
            var (hit, other) = random.Next(2) == 0 ? (rig.A, rig.B) : (rig.B, rig.A);
            var fault = random.Next(4);
            output.WriteLine($"{watch.Elapsed}: fault {fault} of {hit.Name}");
            await Task.Delay(random.Next(1_500));
            await HappenAsync(rig, hit, fault);
            await RestartAsync(rig, other);
            await load.VerifyAsync(random.Next(2) == 0 ? hit : other, memory);
        }

        await load.StopAsync();
        output.WriteLine($"{load.Acknowledged} messages acknowledged, {load.Refused} refused or cut off");
        await load.VerifyAsync(rig.A, memory);
        await load.VerifyAsync(rig.B, memory);
    }

    private static async Task HappenAsync(ClusterRig rig, ClusterNode hit, int fault)
    {
        switch (fault)
        {
            case 0:
                await hit.KillAsync();
                break;
            case 1:
                await hit.SignalAsync("TERM");
                await hit.ExitCodeAsync(TimeSpan.FromSeconds(40));
                break;
            case 2:
                await hit.SignalAsync("STOP");
                await Task.Delay(7_000);
                await hit.SignalAsync("CONT");
                await hit.ExitCodeAsync(TimeSpan.FromSeconds(10));
                break;
            default:
                rig.Database.Stop();
                rig.Database.Start();
                break;
        }
    }

    /// <summary>What systemd does, until both are up: a node may end a moment later, when it is told that it was removed.</summary>
    private static async Task RestartAsync(ClusterRig rig, ClusterNode seenBy)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(60);)
        {
            foreach (var node in rig.Nodes)
                if (!node.IsRunning) await node.StartAsync();
            if (await ClusterRig.AreBothUpAsync(seenBy)) return;
            await Task.Delay(200);
        }

        Assert.Fail("both nodes were not up in time");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}

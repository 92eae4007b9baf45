using System.Diagnostics;
using System.Globalization;
using MailServer.Storage.Tests.Postgres;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>
/// Random faults under load, for <c>MAILSERVER_CLUSTER_SECONDS</c> (1: one fault). The seed is printed; <c>MAILSERVER_CLUSTER_SEED</c>
/// repeats it.
/// </summary>
[Collection(nameof(ClusterCollection))]
public sealed class RandomFaultsTests(ITestOutputHelper output)
{
    [PostgresFact]
    public async Task No_sequence_of_random_faults_loses_or_duplicates_acknowledged_mail()
    {
        var seed = Setting("MAILSERVER_CLUSTER_SEED", Random.Shared.Next());
        var time = TimeSpan.FromSeconds(Setting("MAILSERVER_CLUSTER_SECONDS", 1));
        output.WriteLine($"MAILSERVER_CLUSTER_SEED={seed}");
        var random = new Random(seed);
        var faults = Enum.GetValues<ClusterFault>();
        var two = new FaultRig();
        await two.InitializeAsync();
        try
        {
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
            {
                var (hit, fault) = (two.Rig.Nodes[random.Next(2)], faults[random.Next(faults.Length)]);
                output.WriteLine($"RANDOM {watch.Elapsed:mm\\:ss} {fault} of {hit.Name}");
                await Task.Delay(random.Next(1_500));
                await two.SurviveAsync(fault, hit);
            }

            await two.Load.StopAsync();
            foreach (var node in two.Rig.Nodes) await two.Load.VerifyAsync(node, two.Memory);
            output.WriteLine($"RANDOM {two.Load.Acknowledged} messages acknowledged and there once, {two.Load.Refused} refused or cut off");
        }
        finally
        {
            await two.DisposeAsync();
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}

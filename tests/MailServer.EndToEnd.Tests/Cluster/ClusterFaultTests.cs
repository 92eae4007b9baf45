using System.Diagnostics;
using System.Globalization;
using MailServer.Storage.Tests.Postgres;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>
/// Each fault in turn, under load: nothing acknowledged is lost or duplicated, no UID or mod-sequence is reused, an unaffected node keeps running with
/// all its connections, and a node that exits unexpectedly is restarted. This runs a few of them; <c>MAILSERVER_CLUSTER_FAULTS=all</c> runs
/// all on both nodes, and a list such as <c>Killed:a Frozen:b</c> selects some.
/// </summary>
[Collection(nameof(ClusterCollection))]
public sealed class ClusterFaultTests(FaultRig two, ITestOutputHelper output) : IClassFixture<FaultRig>
{
    private const string ShortList = "Frozen:a BothKilledAndOnlyOneReturns:a CutOff:a Leaves:b";

    public static TheoryData<ClusterFault, string> Faults()
    {
        var data = new TheoryData<ClusterFault, string>();
        var wanted = Environment.GetEnvironmentVariable("MAILSERVER_CLUSTER_FAULTS") ?? ShortList;
        foreach (var fault in Enum.GetValues<ClusterFault>())
            foreach (var node in new[] { "a", "b" })
                if (wanted == "all" || wanted.Split(' ').Contains($"{fault}:{node}")) data.Add(fault, node);
        return data;
    }

    [PostgresTheory]
    [MemberData(nameof(Faults))]
    public async Task No_acknowledged_message_is_lost_and_both_nodes_recover(ClusterFault fault, string node)
    {
        var watch = Stopwatch.StartNew();
        await two.SurviveAsync(fault, node == "a" ? two.Rig.A : two.Rig.B);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FAULT {fault} of {node}: {watch.Elapsed.TotalSeconds:F0} s; {two.Load.Acknowledged} acknowledged and there once, {two.Load.Refused} refused or cut off so far"));
    }
}

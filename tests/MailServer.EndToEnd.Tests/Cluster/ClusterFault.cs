using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>Faults of a two-node cluster; <c>tests/cluster-faults.sh</c> runs all of them.</summary>
public enum ClusterFault
{
    Killed,
    Stopped,
    Leaves,
    FrozenBriefly,
    Frozen,
    CutOff,
    CannotSend,
    CannotReceive,
    DatabaseCut,
    DatabaseRestarts,
    DatabaseAway,
    BothKilledAndOnlyOneReturns,
    BothStart,
    KilledAndThenTheOther,
    FrozenAndThenTheOtherKilled,
    DeclaredDead,
    AccountsMove,
}

/// <summary>Injects the faults; afterwards systemd and the nodes must recover on their own.</summary>
public static class ClusterFaults
{
    private static readonly TimeSpan Ends = TimeSpan.FromSeconds(90);

    /// <summary>The other node has no reason to exit.</summary>
    public static bool OtherStays(this ClusterFault fault) => fault is ClusterFault.Killed or ClusterFault.Stopped or ClusterFault.Leaves or ClusterFault.Frozen or ClusterFault.DeclaredDead
        or ClusterFault.DatabaseCut or ClusterFault.DatabaseRestarts or ClusterFault.DatabaseAway or ClusterFault.AccountsMove;

    /// <summary>The affected node was asked to stop, so its exit code is 0.</summary>
    public static bool IsAsked(this ClusterFault fault) => fault is ClusterFault.Stopped or ClusterFault.Leaves;

    public static Task HappenAsync(this ClusterFault fault, ClusterRig rig, ClusterNode hit, ClusterNode other) => fault switch
    {
        ClusterFault.Killed => hit.KillAsync(),
        ClusterFault.Stopped => EndsAsync(hit, () => hit.SignalAsync("TERM")),
        ClusterFault.Leaves => EndsAsync(hit, async () => (await other.CliAsync("cluster", "leave", "--node", hit.Name)).Succeeded()),
        ClusterFault.FrozenBriefly => FreezeAsync(hit, TimeSpan.FromSeconds(3)),
        ClusterFault.Frozen => EndsAsync(hit, () => FreezeAsync(hit, TimeSpan.FromSeconds(15))),
        ClusterFault.CutOff => CutAsync(rig, fromA: false, fromB: false),
        ClusterFault.CannotSend => CutAsync(rig, fromA: hit != rig.A, fromB: hit != rig.B),
        ClusterFault.CannotReceive => CutAsync(rig, fromA: hit == rig.A, fromB: hit == rig.B),
        ClusterFault.DatabaseCut => CutDatabaseAsync(rig, hit),
        ClusterFault.DatabaseRestarts => WithoutDatabaseAsync(rig, TimeSpan.FromSeconds(1)),
        ClusterFault.DatabaseAway => WithoutDatabaseAsync(rig, TimeSpan.FromSeconds(60)),
        ClusterFault.BothKilledAndOnlyOneReturns => OneReturnsAsync(hit, other),
        ClusterFault.BothStart => BothStartAsync(hit, other),
        ClusterFault.KilledAndThenTheOther => ThenTheOtherAsync(hit.KillAsync, other),
        ClusterFault.FrozenAndThenTheOtherKilled => FrozenAndThenTheOtherAsync(hit, other),
        ClusterFault.DeclaredDead => DeclareDeadAsync(hit, other),
        ClusterFault.AccountsMove => MoveAsync(rig, hit, other),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    private static async Task EndsAsync(ClusterNode node, Func<Task> happen)
    {
        await happen();
        await node.ExitCodeAsync(Ends);
    }

    private static async Task FreezeAsync(ClusterNode node, TimeSpan time)
    {
        await node.SignalAsync("STOP");
        await Task.Delay(time);
        await node.SignalAsync("CONT");
    }

    /// <summary>Long enough for one node to be removed; then the network is restored.</summary>
    private static async Task CutAsync(ClusterRig rig, bool fromA, bool fromB)
    {
        rig.Let(fromA, fromB);
        await Task.Delay(TimeSpan.FromSeconds(20));
        rig.Let(fromA: true, fromB: true);
    }

    private static async Task CutDatabaseAsync(ClusterRig rig, ClusterNode node)
    {
        rig.CutDatabase(node);
        await Task.Delay(TimeSpan.FromSeconds(15));
        rig.MendDatabase(node);
    }

    private static async Task WithoutDatabaseAsync(ClusterRig rig, TimeSpan time)
    {
        rig.Database.Stop();
        await Task.Delay(time);
        rig.Database.Start();
    }

    /// <summary>The returning node serves alone; the next start is the other's.</summary>
    private static async Task OneReturnsAsync(ClusterNode hit, ClusterNode other)
    {
        await Task.WhenAll(hit.KillAsync(), other.KillAsync());
        await other.StartAsync();
        await other.ServesAsync(TimeSpan.FromSeconds(90));
    }

    private static async Task BothStartAsync(ClusterNode hit, ClusterNode other)
    {
        await Task.WhenAll(hit.KillAsync(), other.KillAsync());
        await Task.WhenAll(hit.StartAsync(), other.StartAsync());
    }

    private static async Task ThenTheOtherAsync(Func<Task> first, ClusterNode other)
    {
        await first();
        await Task.Delay(TimeSpan.FromSeconds(3));
        await other.KillAsync();
    }

    private static async Task FrozenAndThenTheOtherAsync(ClusterNode hit, ClusterNode other)
    {
        await hit.SignalAsync("STOP");
        await ThenTheOtherAsync(static () => Task.CompletedTask, other);
        await Task.Delay(TimeSpan.FromSeconds(4));
        await hit.SignalAsync("CONT");
    }

    private static async Task DeclareDeadAsync(ClusterNode hit, ClusterNode other)
    {
        await hit.SignalAsync("STOP");
        // Refused while the node still looks reachable; the cluster may be faster.
        await Eventually.BecomesTrueAsync(
            async () => await other.CliAsync("cluster", "down", "--node", hit.Name) is var down && (down.ExitCode == 0 || down.Error.Contains("no node", StringComparison.Ordinal)),
            "it is declared dead", TimeSpan.FromSeconds(60));
        await Task.Delay(TimeSpan.FromSeconds(8));
        await EndsAsync(hit, () => hit.SignalAsync("CONT"));
    }

    /// <summary>Moves all accounts to the node with fewer or none, then back: the connections stay.</summary>
    private static async Task MoveAsync(ClusterRig rig, ClusterNode hit, ClusterNode other)
    {
        foreach (var target in new[] { hit, other })
        {
            foreach (var account in rig.Accounts) (await other.CliAsync("cluster", "move", account, target.Name)).Succeeded();
            await Task.Delay(TimeSpan.FromSeconds(10));
        }
    }
}

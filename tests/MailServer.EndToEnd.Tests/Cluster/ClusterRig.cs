using System.Globalization;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;
using MailServer.Storage.Tests.Postgres;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>Two nodes with addresses of their own, one PostgreSQL, one shared folder, and accounts that live on both.</summary>
public sealed class ClusterRig : IAsyncDisposable
{
    public const string Password = "correct horse 9";

    private ClusterRig(string firstAddress, string secondAddress)
    {
        Folder = Directory.CreateTempSubdirectory("cluster-").FullName;
        A = new ClusterNode(this, "a", firstAddress);
        B = new ClusterNode(this, "b", secondAddress);
    }

    public string Folder { get; }

    public int ClusterPort { get; } = FreePort.Take();

    public PostgresServer Database { get; } = new();

    /// <summary>The oldest node, once both run.</summary>
    public ClusterNode A { get; }

    public ClusterNode B { get; }

    public IReadOnlyList<ClusterNode> Nodes => [A, B];

    public IReadOnlyList<string> Accounts { get; private set; } = [];

    /// <param name="accounts">How many there are.</param>
    /// <param name="extra">More of the configuration of both.</param>
    /// <param name="adjust">Changes each node's configuration file before it is first read.</param>
    public static async Task<ClusterRig> StartAsync(int accounts, string extra = "", Action<ClusterRig, ClusterNode>? adjust = null)
    {
        // Networks of 127/8 are all this machine's.
        var rig = new ClusterRig("127.0.0.2", "127.0.0.3");
        var connection = rig.Database.CreateDatabase();
        foreach (var node in rig.Nodes) node.Configure(rig.Nodes, connection, extra);
        foreach (var node in rig.Nodes) adjust?.Invoke(rig, node);
        foreach (var node in rig.Nodes) (await node.CliAsync("migrate")).Succeeded();
        (await rig.A.CliAsync("domain", "add", "example.test")).Succeeded();
        rig.Accounts = [.. Enumerable.Range(1, accounts).Select(i => string.Create(CultureInfo.InvariantCulture, $"u{i}@example.test"))];
        foreach (var account in rig.Accounts) (await rig.A.CliAsync("user", "add", account, "--password", Password)).Succeeded();
        await rig.A.StartAsync();
        await rig.B.StartAsync();
        await BothAreUpAsync(rig.A);
        return rig;
    }

    /// <summary>The cluster has both nodes, as <paramref name="seenBy"/> sees it.</summary>
    public static async Task BothAreUpAsync(ClusterNode seenBy)
    {
        await Eventually.BecomesTrueAsync(() => AreBothUpAsync(seenBy), "both nodes are up", TimeSpan.FromSeconds(30));
    }

    public static async Task<bool> AreBothUpAsync(ClusterNode seenBy) =>
        await seenBy.CliAsync("cluster", "show", "--json") is { ExitCode: 0 } shown && shown.Output.Split("\"Up\"").Length == 3;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            if (node.IsRunning) await node.SignalAsync("CONT");
            await node.KillAsync();
        }

        Database.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

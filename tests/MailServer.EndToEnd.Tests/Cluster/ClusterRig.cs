using System.Diagnostics;
using System.Globalization;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;
using MailServer.Storage.Tests.Postgres;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>Two nodes with their own addresses, one PostgreSQL, one shared folder, and accounts that live on both.</summary>
public sealed class ClusterRig : IAsyncDisposable
{
    public const string Password = "correct horse 9";

    private ClusterRig(string firstAddress, string secondAddress)
    {
        Folder = Directory.CreateTempSubdirectory("cluster-").FullName;
        KeysFolder = Directory.CreateDirectory(Path.Combine(Folder, "keys")).FullName;
        A = new ClusterNode(this, "a", firstAddress);
        B = new ClusterNode(this, "b", secondAddress);
        // The nodes reach each other through a proxy address.
        _links = [new BreakableLink(A.FrontAddress, A.Address, ClusterPort), new BreakableLink(B.FrontAddress, B.Address, ClusterPort)];
    }

    private readonly BreakableLink[] _links;

    public string Folder { get; }

    /// <summary>The certificates of the nodes, <c>NAME.pem</c> and <c>NAME.key</c>, and of their authority, <c>ours.pem</c>.</summary>
    public string KeysFolder { get; }

    public int ClusterPort { get; } = FreePort.Take();

    public PostgresServer Database { get; } = new();

    /// <summary>The oldest node, once both run.</summary>
    public ClusterNode A { get; }

    public ClusterNode B { get; }

    public IReadOnlyList<ClusterNode> Nodes => [A, B];

    public IReadOnlyList<string> Accounts { get; private set; } = [];

    /// <param name="accounts">The number of accounts.</param>
    /// <param name="extra">Additional configuration of both nodes.</param>
    /// <param name="tls">True: the nodes authenticate with certificates.</param>
    /// <param name="adjust">Changes each node's configuration file before it is first read.</param>
    public static async Task<ClusterRig> StartAsync(int accounts, string extra = "", Action<ClusterRig, ClusterNode>? adjust = null, bool tls = true)
    {
        // All of 127/8 belongs to this machine.
        var rig = new ClusterRig("127.0.0.2", "127.0.0.3");
        var connection = rig.Database.CreateDatabase();
        if (tls) rig.MakeKeys();
        foreach (var node in rig.Nodes) node.Configure(rig.Nodes, rig.WayToDatabase(node, connection), (tls ? rig.KeysOf(node) : "") + extra);
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

    /// <summary>Waits until <paramref name="seenBy"/> sees both nodes in the cluster.</summary>
    public static async Task BothAreUpAsync(ClusterNode seenBy)
    {
        await Eventually.BecomesTrueAsync(() => AreBothUpAsync(seenBy), "both nodes are up", TimeSpan.FromSeconds(30));
    }

    public static async Task<bool> AreBothUpAsync(ClusterNode seenBy) =>
        await seenBy.CliAsync("cluster", "show", "--json") is { ExitCode: 0 } shown && shown.Output.Split("\"Up\"").Length == 3;

    /// <summary>Sets what passes through the network between the nodes.</summary>
    public void Let(bool fromA, bool fromB)
    {
        _links[0].Let(toNode: fromB, fromNode: fromA);
        _links[1].Let(toNode: fromA, fromNode: fromB);
    }

    /// <summary>Cuts <paramref name="node"/> off from the database.</summary>
    public void CutDatabase(ClusterNode node)
    {
        File.Delete(WayOf(node));
        Database.Query("postgres", $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'node-{node.Name}'");
    }

    /// <summary>Restores the connections to the database.</summary>
    public void MendDatabase(ClusterNode node) => File.CreateSymbolicLink(WayOf(node), Database.Folder);

    /// <summary>Restarts nodes like systemd until both are up: a node may exit a moment later, when it learns that it was removed.</summary>
    public async Task KeepUpAsync(ClusterNode seenBy, TimeSpan within)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < within;)
        {
            foreach (var node in Nodes)
                if (!node.IsRunning) await node.StartAsync();
            if (await AreBothUpAsync(seenBy)) return;
            await Task.Delay(200);
        }

        Assert.Fail("both nodes were not up in time: " + string.Join(" | ", Nodes.Select(static n => n.Name + ": " + string.Join(" / ", n.Log.Split('\n').TakeLast(12)))));
    }

    private string WayOf(ClusterNode node) => Path.Combine(Folder, "database-" + node.Name);

    /// <summary>The path of a node to the database: a symbolic link to the folder of its socket.</summary>
    private string WayToDatabase(ClusterNode node, string connection)
    {
        MendDatabase(node);
        return connection.Replace($"Host={Database.Folder}", $"Host={WayOf(node)}", StringComparison.Ordinal) + $";Application Name=node-{node.Name}";
    }

    private void MakeKeys()
    {
        using var authority = new NodeAuthority(KeysFolder, "ours");
        foreach (var node in Nodes) authority.Sign(node.Name);
    }

    private string KeysOf(ClusterNode node) =>
        $"  tls_cert_file: {KeysFolder}/{node.Name}.pem\n  tls_key_file: {KeysFolder}/{node.Name}.key\n  tls_ca_file: {KeysFolder}/ours.pem\n";

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            if (node.IsRunning) await node.SignalAsync("CONT");
            await node.KillAsync();
        }

        foreach (var link in _links) await link.DisposeAsync();
        Database.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

using System.Globalization;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Storage.Tests.Postgres;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>Two nodes under load, shared by all faults of a class, with the ledger of acknowledged mail.</summary>
public sealed class FaultRig : IAsyncLifetime
{
    private static readonly TimeSpan Repaired = TimeSpan.FromMinutes(3);
    private ClusterRig? _rig;
    private ClusterLoad? _load;

    public ClusterRig Rig => _rig ?? throw new InvalidOperationException("not started");

    public ClusterLoad Load => _load ?? throw new InvalidOperationException("not started");

    public UidLedger Memory { get; } = new();

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is not null && !ProjectPaths.IsCi) return;
        _rig = await ClusterRig.StartAsync(accounts: 4);
        _load = new ClusterLoad(_rig);
        _load.Start(1, TimeSpan.FromMilliseconds(150));
    }

    public async Task DisposeAsync()
    {
        if (_load is not null) await _load.DisposeAsync();
        if (_rig is not null) await _rig.DisposeAsync();
    }

    /// <summary>The highest reserved mod-sequence of each folder: none above it was used, and after a failure the next ones are above it.</summary>
    private Dictionary<string, long> Reserved() => Directory.EnumerateFiles(Path.Combine(Rig.Folder, "data", "maildir"), "folder.state", SearchOption.AllDirectories).ToDictionary(
        static file => file,
        static file => File.ReadLines(file).Where(static l => l.StartsWith("modseq ", StringComparison.Ordinal)).Select(static l => long.Parse(l["modseq ".Length..], CultureInfo.InvariantCulture)).FirstOrDefault());

    /// <summary>Injects the fault, restarts exited nodes like systemd, and verifies the ledger on both nodes.</summary>
    public async Task SurviveAsync(ClusterFault fault, ClusterNode hit)
    {
        var other = hit == Rig.A ? Rig.B : Rig.A;
        await Rig.KeepUpAsync(other, Repaired);
        var watchers = new List<IdleWatcher>();
        try
        {
            if (fault.OtherStays())
                foreach (var account in Rig.Accounts) watchers.Add(await IdleWatcher.StartAsync(other, account));
            var (starts, hitEnded, otherEnded) = (other.Starts, hit.Ended.Count, other.Ended.Count);
            var reserved = Reserved();
            await fault.HappenAsync(Rig, hit, other);
            await Rig.KeepUpAsync(other, Repaired);
            foreach (var node in Rig.Nodes) await Load.VerifyAsync(node, Memory);
            var since = Reserved();
            Assert.All(reserved, r => Assert.True(since.GetValueOrDefault(r.Key) >= r.Value, $"mod-sequences of {r.Key} were reserved up to {r.Value}, and are now up to {since.GetValueOrDefault(r.Key)}"));
            Assert.All(watchers, w => Assert.Null(w.Ended));
            if (fault.OtherStays()) Assert.True(other.Starts == starts, $"{other.Name} ended with {other.Ended.LastOrDefault()}");
            if (!fault.IsAsked()) Assert.DoesNotContain(0, hit.Ended.Skip(hitEnded).Concat(other.Ended.Skip(otherEnded)));
        }
        finally
        {
            foreach (var watcher in watchers) await watcher.DisposeAsync();
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MailServer.Storage.Tests.Postgres;
using MimeKit;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>Two real processes, one of which fails: no mail is lost and no surviving connection is interrupted.</summary>
[Collection(nameof(ClusterCollection))]
public sealed class FailoverTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Served = TimeSpan.FromSeconds(10);

    [PostgresFact]
    public Task The_younger_node_is_killed_and_the_older_serves_its_accounts() => KillAsync(rig => (rig.B, rig.A));

    [PostgresFact]
    public Task The_older_node_is_killed_and_the_younger_serves_its_accounts() => KillAsync(rig => (rig.A, rig.B));

    [PostgresFact]
    public async Task A_node_that_was_suspended_exits_before_it_writes_and_its_accounts_are_served()
    {
        await using var rig = await ClusterRig.StartAsync(accounts: 6);
        var memory = new UidLedger();
        await using var load = new ClusterLoad(rig);
        load.Start(2, Pause);
        await using var watchers = await WatchAsync(rig.A, rig);
        await Task.Delay(1_000);
        await rig.B.SignalAsync("STOP");
        await Task.Delay(8_000);
        await rig.B.SignalAsync("CONT");
        Assert.NotEqual(0, await rig.B.ExitCodeAsync(TimeSpan.FromSeconds(10)));
        await ServedAsync(rig, rig.A);
        await rig.B.StartAsync();
        await ClusterRig.BothAreUpAsync(rig.A);
        await load.StopAsync();
        await load.VerifyAsync(rig.B, memory);
        await watchers.KnowEverythingAsync(load, rig);
    }

    [PostgresFact]
    public async Task A_stopped_node_hands_over_and_rejoins_and_so_does_the_other()
    {
        await using var rig = await ClusterRig.StartAsync(accounts: 6);
        var memory = new UidLedger();
        await using var load = new ClusterLoad(rig);
        load.Start(2, Pause);
        foreach (var (leaving, staying) in new[] { (rig.B, rig.A), (rig.A, rig.B) })
        {
            await using var watchers = await WatchAsync(staying, rig);
            await leaving.SignalAsync("TERM");
            Assert.Equal(0, await leaving.ExitCodeAsync(TimeSpan.FromSeconds(40)));
            await ServedAsync(rig, staying);
            await leaving.StartAsync();
            await ClusterRig.BothAreUpAsync(staying);
            Assert.All(watchers.All, w => Assert.Null(w.Ended));
        }

        await load.StopAsync();
        await load.VerifyAsync(rig.A, memory);
        await load.VerifyAsync(rig.B, memory);
    }

    [PostgresFact]
    public async Task Large_messages_pass_between_nodes()
    {
        await using var rig = await ClusterRig.StartAsync(accounts: 2);
        var text = new string('x', 70) + "\r\n";
        var body = string.Concat(Enumerable.Repeat(text, 30 * 1024 * 1024 / text.Length));
        foreach (var account in rig.Accounts)
        {
            foreach (var node in rig.Nodes)
            {
                using var client = new ImapClient { Timeout = 60_000 };
                await client.ConnectAsync(node.Address, node.Imap, SecureSocketOptions.None);
                await client.AuthenticateAsync(account, ClusterRig.Password);
                await client.Inbox!.OpenAsync(FolderAccess.ReadWrite);
                using var message = new MimeMessage { Subject = node.Name, Body = new TextPart("plain") { Text = body } };
                await client.Inbox!.AppendAsync(message);
                foreach (var uid in await client.Inbox!.SearchAsync(MailKit.Search.SearchQuery.All))
                {
                    using var read = await client.Inbox!.GetMessageAsync(uid);
                    Assert.Equal(body.Length, read.TextBody!.ReplaceLineEndings("\r\n").TrimEnd().Length + 2);
                }
            }
        }
    }

    private async Task KillAsync(Func<ClusterRig, (ClusterNode Killed, ClusterNode Survivor)> choose)
    {
        await using var rig = await ClusterRig.StartAsync(accounts: 6);
        var (killed, survivor) = choose(rig);
        var memory = new UidLedger();
        await using var load = new ClusterLoad(rig);
        load.Start(2, Pause);
        await using var watchers = await WatchAsync(survivor, rig);
        await Task.Delay(1_000);
        foreach (var account in rig.Accounts) await memory.LookAsync(killed, account);
        await killed.KillAsync();
        var watch = Stopwatch.StartNew();
        await ServedAsync(rig, survivor);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"every account was served again after {watch.Elapsed.TotalSeconds:F1} s"));
        Assert.True(watch.Elapsed < Served, $"took {watch.Elapsed}");
        await load.StopAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load.Acknowledged} messages acknowledged, {load.Refused} refused or cut off"));
        await load.VerifyAsync(survivor, memory);
        await watchers.KnowEverythingAsync(load, rig);
        await killed.StartAsync();
        await ClusterRig.BothAreUpAsync(survivor);
        await load.VerifyAsync(killed, memory);
        Assert.All(watchers.All, w => Assert.Null(w.Ended));
    }

    private static async Task ServedAsync(ClusterRig rig, ClusterNode node)
    {
        foreach (var account in rig.Accounts) await new UidLedger().LookAsync(node, account);
    }

    private static async Task<IdleClients> WatchAsync(ClusterNode node, ClusterRig rig)
    {
        var watchers = new IdleClients();
        foreach (var account in rig.Accounts)
            for (var i = 0; i < 3; i++) watchers.Add(account, await IdleWatcher.StartAsync(node, account));
        return watchers;
    }

    /// <summary>Idling clients of every account.</summary>
    private sealed class IdleClients : IAsyncDisposable
    {
        private readonly List<(string Account, IdleWatcher Watcher)> _all = [];

        public IEnumerable<IdleWatcher> All => _all.Select(static w => w.Watcher);

        public void Add(string account, IdleWatcher watcher) => _all.Add((account, watcher));

        /// <summary>Asserts that each kept its connection and was notified of everything acknowledged.</summary>
        public async Task KnowEverythingAsync(ClusterLoad load, ClusterRig rig)
        {
            foreach (var (account, watcher) in _all)
            {
                Assert.Contains(account, rig.Accounts);
                await watcher.HearsOfAsync(load.AcknowledgedOf(account), TimeSpan.FromSeconds(10));
                Assert.Null(watcher.Ended);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (_, watcher) in _all) await watcher.DisposeAsync();
        }
    }
}

/// <summary>Runs one cluster at a time, because each needs the machine to itself.</summary>
[CollectionDefinition(nameof(ClusterCollection), DisableParallelization = true)]
public sealed class ClusterCollection;

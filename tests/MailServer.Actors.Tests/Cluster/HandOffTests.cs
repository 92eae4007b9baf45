using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Cluster;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Tests.Cluster;

/// <summary>
/// A cluster of two actor systems with the real region. Its accounts move from node to node while both nodes send requests: each is answered soon, and
/// none that must not be repeated is executed twice.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class HandOffTests : TestKit
{
    private const int Accounts = 8;
    private const int Requests = 1_000;
    private const string Name = "mailboxes";
    private const string Settings = "akka.cluster.sharding.rebalance-interval = 200 ms";

    /// <summary>Much longer than a lost request takes, and shorter than its deadline.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryDirectory _large;
    private readonly ActorSystem _other;
    private readonly ConcurrentDictionary<string, int> _executed = [];
    private readonly ManualResetEventSlim _end = new();

    public HandOffTests() : this(new TemporaryDirectory())
    {
    }

    private HandOffTests(TemporaryDirectory large) : base(TestNode.Setup(large["a"], "a", Settings), "mailserver")
    {
        _large = large;
        _other = ActorSystem.Create("mailserver", TestNode.Setup(large["b"], "b", Settings));
    }

    [Fact]
    public async Task Every_request_is_answered_once_while_accounts_move_between_nodes()
    {
        await JoinAsync();
        IActorRef[] regions = [Region(Sys, "a"), Region(_other, "b")];
        TestProbe[] clients = [CreateTestProbe(Sys), CreateTestProbe(_other)];
        string[] nodes = [Address(Sys), Address(_other)];
        var (served, refused) = (0, 0);
        for (var sent = 0; sent < Requests;)
        {
            for (var account = 1; account <= Accounts; account++)
                foreach (var region in regions) region.Tell(new ClusterProtocol.MoveShard(Name, AccountShards.ShardOf(new AccountId(account)), nodes[(sent / 200 + account) % 2]));
            var end = sent + 200;
            for (; sent < end; sent++)
            {
                var account = new AccountId(1 + sent % Accounts);
                MailboxRequest request = sent % 3 == 0 ? new MailboxRequest.GetStatus(Folder(sent)) : new MailboxRequest.CreateFolder(Folder(sent));
                regions[sent % 2].Tell(new MailboxProtocol.AccountRequest(account, request, sent + 1), clients[sent % 2]);
                if (sent % 10 == 0) await Task.Delay(50);
            }

            var open = Enumerable.Range(end - 199, 200).Select(static n => (long)n).ToHashSet();
            for (var i = 0; i < 2; i++)
            {
                while (open.Any(n => (n - 1) % 2 == i))
                {
                    var answer = clients[i].ExpectMsg<MailboxProtocol.NumberedReply>(Soon);
                    if (!open.Remove(answer.Sequence))
                    {
                        // Only a repeatable request may be executed, and answered, twice.
                        Assert.Equal(0, (answer.Sequence - 1) % 3);
                        continue;
                    }

                    if (answer.Reply is MailboxReply.Refused) refused++;
                    else served++;
                }
            }
        }

        Assert.Equal(Requests, served + refused);
        Assert.DoesNotContain(_executed, static e => e.Key.StartsWith("once", StringComparison.Ordinal) && e.Value > 1);
        Assert.True(refused < Requests / 10, $"{refused}");
    }

    [Fact]
    public async Task Requests_to_a_lost_node_are_answered_soon()
    {
        await JoinAsync();
        IActorRef[] regions = [Region(Sys, "a"), Region(_other, "b")];
        var account = new AccountId(1);
        foreach (var region in regions) region.Tell(new ClusterProtocol.MoveShard(Name, AccountShards.ShardOf(account), Address(_other)));
        var client = CreateTestProbe();
        var watch = Stopwatch.StartNew();
        while (true)
        {
            regions[0].Tell(new MailboxProtocol.AccountRequest(account, new MailboxRequest.GetStatus(FolderName.Inbox), 1), client);
            client.ExpectMsg<MailboxProtocol.NumberedReply>(Soon);
            if (!client.LastSender.Path.Address.HasLocalScope) break;
            Assert.True(watch.Elapsed < Patience);
            await Task.Delay(100);
        }

        // The account's actor is busy: the requests wait in its inbox, and one of them is being executed.
        regions[0].Tell(new MailboxProtocol.AccountRequest(account, new MailboxRequest.DeleteFolder(FolderName.Inbox), 2), client);
        regions[0].Tell(new MailboxProtocol.AccountRequest(account, new MailboxRequest.CreateFolder(Folder(1)), 3), client);
        var task = regions[0].RequestAsync(account, new MailboxRequest.GetStatus(FolderName.Inbox), default);
        AwaitCondition(() => _executed.ContainsKey("busy"), Patience);
        await Task.Delay(200);
        var lost = Address(_other);
        var cluster = Akka.Cluster.Cluster.Get(Sys);
        cluster.Down(Akka.Actor.Address.Parse(lost));
        AwaitCondition(() => cluster.State.Members.Count == 1, Patience);
        // ClusterMonitorActor publishes it on a real node.
        Sys.EventStream.Publish(new NodeLost(Akka.Actor.Address.Parse(lost)));
        var answers = new List<MailboxProtocol.NumberedReply>();
        while (answers.Count < 2)
        {
            // A repeatable request that was offered twice during the move is answered twice.
            var answer = client.ExpectMsg<MailboxProtocol.NumberedReply>(Soon);
            if (answer.Sequence != 1) answers.Add(answer);
        }

        Assert.Equal([2L, 3L], answers.Select(static a => a.Sequence).Order());
        Assert.IsType<MailboxReply.Refused>(answers.Single(static a => a.Sequence == 2).Reply);
        // If the lost node hands the waiting requests back in time, the successor of its actor executes them; otherwise they are refused.
        Assert.InRange(_executed.GetValueOrDefault("once 3"), 0, 1);
        await task.WaitAsync(Soon);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _end.Set();
            _other.Terminate().Wait(Patience);
            _end.Dispose();
        }

        base.Dispose(disposing);
        if (disposing) _large.Dispose();
    }

    private static FolderName Folder(int number) => FolderName.Parse($"n{number}");

    private static string Address(ActorSystem system) => Akka.Cluster.Cluster.Get(system).SelfAddress.ToString();

    private async Task JoinAsync()
    {
        var (first, second) = (Akka.Cluster.Cluster.Get(Sys), Akka.Cluster.Cluster.Get(_other));
        await first.JoinAsync(first.SelfAddress);
        await second.JoinAsync(first.SelfAddress);
        AwaitCondition(() => first.State.Members.Count(static m => m.Status == MemberStatus.Up) == 2 && second.State.Members.Count(static m => m.Status == MemberStatus.Up) == 2, Patience);
    }

    private IActorRef Region(ActorSystem system, string node) => system.ActorOf(ClusterRegionActor.Props(new ClusterRegionSettings(
        Name, (home, account) => ActorFactory.Props(() => new Account(account, home, _executed, _end)), MailboxProtocol.Refusal, node, new ShardPlacement(), TimeProvider.System)), Name);

    /// <summary>Answers every request, and counts how often each was executed.</summary>
    private sealed class Account(AccountId account, EntityHost home, ConcurrentDictionary<string, int> executed, ManualResetEventSlim end)
        : AccountStoreActor(account, home, new FolderOwnershipCheck(null, new NodeProblems()), OpenStores.Unlimited, TimeProvider.System)
    {
        protected override int MaxWaiting => 10_000;

        protected override bool IsIdle => true;

        protected override void OpenStore()
        {
        }

        protected override void OnOpenFailed(Exception failure)
        {
        }

        protected override void Finish()
        {
        }

        protected override void RefuseAccepted()
        {
        }

        protected override void OnFailed(Exception failure)
        {
        }

        protected override bool TryRefuse(object message)
        {
            if (message is not IForAccount request || MailboxProtocol.Refusal(request) is not { } refusal) return false;
            Sender.Tell(refusal);
            return true;
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case MailboxProtocol.AccountRequest { Request: MailboxRequest.DeleteFolder }:
                    executed["busy"] = 1;
                    end.Wait(TimeSpan.FromMinutes(5));
                    break;
                case MailboxProtocol.AccountRequest request:
                    executed.AddOrUpdate($"{(RequestRules.Of(request.Request).Repeatable ? "often" : "once")} {request.Sequence}", 1, static (_, n) => n + 1);
                    var reply = MailboxReply.Done.Instance;
                    Sender.Tell(request.Sequence == 0 ? reply : new MailboxProtocol.NumberedReply(request.Sequence, reply));
                    break;
                default:
                    OnLifecycle(message);
                    break;
            }
        }
    }
}

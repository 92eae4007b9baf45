using System.Net;
using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Access;
using MailServer.Actors.Tests.Cluster;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Access;

/// <summary>Two nodes that count sign-ins together: an attacker who uses both gets no more attempts.</summary>
[Trait("Speed", "Slow")]
public sealed class SharedSignInTests : TestKit
{
    private const int BanAfter = 6;
    private const string Login = "ann@example.test";
    private static readonly IPAddress Attacker = IPAddress.Parse("203.0.113.9");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly InMemoryBanStore _store = new();
    private readonly AuditList _audit = new();
    private readonly (LoginGuard Guard, BanList Bans)[] _nodes;
    private readonly Queue<Action> _underWay = new();
    private readonly TemporaryDirectory _large;
    private bool _holdsBack;

    public SharedSignInTests() : this(new TemporaryDirectory())
    {
    }

    private SharedSignInTests(TemporaryDirectory large) : base(TestNode.Setup(large["a"], "a"), "mailserver")
    {
        _large = large;
        _nodes = [Node(), Node()];
        for (var i = 0; i < 2; i++)
        {
            var other = _nodes[1 - i].Guard;
            _nodes[i].Guard.ShareWith(
                concluded =>
                {
                    if (_holdsBack) _underWay.Enqueue(() => other.NoteElsewhere(concluded));
                    else other.NoteElsewhere(concluded);
                },
                static () => 2);
        }
    }

    [Fact]
    public async Task Alternating_between_the_nodes_gives_no_more_attempts_and_one_ban()
    {
        var tried = 0;
        for (var i = 0; i < 20; i++)
        {
            _nodes[1 - (i % 2)].Bans.Reload();
            if (_nodes[i % 2].Guard.Refuses(Attacker, LoginName.Of(Login))) continue;
            using var turn = await _nodes[i % 2].Guard.EnterAsync(Attacker, LoginName.Of($"user{i}@example.test")).AsTask().WaitAsync(Patience);
            if (turn is null) continue;
            turn.Fail();
            tried++;
            Reload();
        }

        Assert.Equal(BanAfter, tried);
        Assert.All(_nodes, static n => Assert.True(n.Bans.IsBanned(Attacker, signsIn: true)));
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Single(_audit.Kinds, "address.banned");
    }

    [Fact]
    public async Task A_burst_at_both_nodes_tests_at_most_one_password_more()
    {
        var started = 0;
        var entering = Enumerable.Range(0, 120).Select(i => _nodes[i % 2].Guard.EnterAsync(Attacker, LoginName.Of(Login)).AsTask()).ToList();
        while (entering.Count > 0)
        {
            var ended = await Task.WhenAny(entering).WaitAsync(Patience);
            entering.Remove(ended);
            using var turn = await ended;
            if (turn is null) continue;
            started++;
            turn.Fail();
            Reload();
        }

        Assert.InRange(started, BanAfter - 1, BanAfter + 1);
        Assert.All(_nodes, static n => Assert.True(n.Bans.IsBanned(Attacker, signsIn: true)));
    }

    [Fact]
    public void A_success_on_one_node_forgives_the_failures_of_the_login_on_both()
    {
        Fail(0, BanAfter - 1);
        using (var turn = Enter(1, Login)) turn!.Succeed();
        Fail(1, BanAfter - 1);
        Assert.All(_nodes, static n => Assert.False(n.Bans.IsBanned(Attacker, signsIn: true)));
    }

    [Fact]
    public async Task Failures_of_one_login_on_both_nodes_lock_it_on_both()
    {
        for (var i = 0; i < BanAfter * 5; i++)
        {
            using var turn = await _nodes[i % 2].Guard.EnterAsync(IPAddress.Parse($"198.51.100.{i}"), LoginName.Of(Login));
            turn!.Fail();
        }

        Assert.All(_nodes, static n => Assert.True(n.Guard.Refuses(IPAddress.Parse("198.51.100.200"), LoginName.Of(Login))));
        Assert.All(_nodes, static n => Assert.False(n.Guard.Refuses(IPAddress.Parse("198.51.100.200"), LoginName.Of("ben@example.test"))));
    }

    [Fact]
    public async Task Failures_that_cross_on_their_way_still_ban()
    {
        _holdsBack = true;
        Fail(0, BanAfter / 2);
        Fail(1, BanAfter / 2);
        Assert.Empty(_store.Load());
        while (_underWay.TryDequeue(out var arrive)) arrive();
        await AwaitConditionAsync(() => Task.FromResult(_store.Load().Count == 1), Patience);
        Reload();
        Assert.All(_nodes, static n => Assert.True(n.Bans.IsBanned(Attacker, signsIn: true)));
        // Nothing waits for ever.
        Assert.Null(await _nodes[0].Guard.EnterAsync(Attacker, LoginName.Of(Login)).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public void A_ban_by_hand_on_one_node_holds_on_both()
    {
        _nodes[0].Bans.Add(Attacker, TimeSpan.FromHours(1), "by hand", byHand: true);
        Reload();
        Assert.All(_nodes, static n => Assert.True(n.Bans.IsBanned(Attacker, signsIn: false)));
        Assert.Equal(BanChange.Changed, _nodes[1].Bans.Remove(Attacker));
        Reload();
        Assert.All(_nodes, static n => Assert.False(n.Bans.IsBanned(Attacker, signsIn: true)));
    }

    [Fact]
    public async Task Results_reach_the_other_node_of_a_cluster()
    {
        using var other = ActorSystem.Create("mailserver", TestNode.Setup(_large["b"], "b"));
        try
        {
            var (first, second) = (Akka.Cluster.Cluster.Get(Sys), Akka.Cluster.Cluster.Get(other));
            await first.JoinAsync(first.SelfAddress);
            await second.JoinAsync(first.SelfAddress);
            Sys.ActorOf(SignInSharingActor.Props(_nodes[0].Guard), SignInSharingActor.Name);
            other.ActorOf(SignInSharingActor.Props(_nodes[1].Guard), SignInSharingActor.Name);
            await AwaitConditionAsync(() => Task.FromResult(first.State.Members.Count(static m => m.Status == MemberStatus.Up) == 2 && second.State.Members.Count == 2), Patience);
            await Sys.ActorSelection("/user/" + SignInSharingActor.Name).Ask<ActorIdentity>(new Identify(null), Patience);
            await other.ActorSelection("/user/" + SignInSharingActor.Name).Ask<ActorIdentity>(new Identify(null), Patience);
            Fail(0, BanAfter - 1);
            // The last failure is on the other node, which bans when it knows the others.
            var attempts = 0;
            await AwaitConditionAsync(
                () =>
                {
                    if (_store.Load().Count > 0) return Task.FromResult(true);
                    attempts++;
                    using (var turn = Enter(1, Login)) turn?.Fail();
                    return Task.FromResult(_store.Load().Count > 0);
                },
                Patience,
                TimeSpan.FromSeconds(2));
            Assert.InRange(attempts, 1, BanAfter - 1);
            Assert.Contains("failed sign-ins", Assert.Single(_store.Load()).Reason, StringComparison.Ordinal);
        }
        finally
        {
            await other.Terminate();
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _large.Dispose();
    }

    private (LoginGuard Guard, BanList Bans) Node()
    {
        var bans = new BanList(_store, Limits.Default, TimeProvider.System, _audit, NullLogger<BanList>.Instance);
        return (new LoginGuard(new LoginGuardOptions { BanAfter = BanAfter }, bans, Limits.Default, TimeProvider.System, _audit), bans);
    }

    /// <summary>What the database's notification does.</summary>
    private void Reload()
    {
        foreach (var (_, bans) in _nodes) bans.Reload();
    }

    private SignInPermit? Enter(int node, string login)
    {
        var entering = _nodes[node].Guard.EnterAsync(Attacker, LoginName.Of(login)).AsTask();
        return entering.IsCompletedSuccessfully ? entering.Result : null;
    }

    private void Fail(int node, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var turn = Enter(node, Login);
            turn!.Fail();
        }
    }

    private sealed class AuditList : IAuditLog
    {
        private readonly List<string> _kinds = [];

        public IReadOnlyList<string> Kinds
        {
            get
            {
                lock (_kinds) return [.. _kinds];
            }
        }

        public void Note(AuditEvent happened)
        {
            lock (_kinds) _kinds.Add(happened.Kind);
        }
    }
}

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Tests.Entities;

/// <summary>
/// The real region and the real base class of its actors, with a number as the store: requests, idle actors that end, closing, failures, stores that
/// are open elsewhere, and full buffers, in random order. Each request gets one answer, and two actors never have the same store open.
/// </summary>
public sealed class RegionModelTests : TestKit
{
    private const int Accounts = 5;
    private readonly Stores _stores = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Each_request_gets_exactly_one_answer_in_every_interleaving(int seed)
    {
        var random = new Random(seed);
        var region = Region();
        var withLocks = seed > 4;
        const int Requests = 3_000;
        for (var i = 0; i < Requests; i++)
        {
            var account = new AccountId(1 + random.Next(Accounts));
            region.Tell(new Request(account, i, random.Next(40) == 0), TestActor);
            switch (random.Next(12))
            {
                case 0:
                    region.Tell(new EndWhenIdle(account), TestActor);
                    break;
                case 1:
                    region.Tell(new CloseStore(account), TestActor);
                    break;
                case 2 when withLocks && random.Next(3) == 0:
                    _stores.LockElsewhere(account, TimeSpan.FromMilliseconds(random.Next(400)));
                    break;
            }
        }

        var answers = ReceiveN(Requests, TimeSpan.FromMinutes(2)).Cast<Answer>().ToArray();
        Assert.Equal(Enumerable.Range(0, Requests), answers.Select(static a => a.Number).Order());
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        Assert.Equal(0, _stores.OpenedTwice);
        // A failure refuses the failed request and those accepted with it; an ending refuses none unless the store was open elsewhere.
        Assert.InRange(answers.Count(static a => a.Served), withLocks ? 1 : Requests * 9 / 10, Requests);
    }

    [Fact]
    public void Nothing_is_refused_or_lost_when_an_idle_actor_ends()
    {
        var region = Region();
        var account = new AccountId(1);
        for (var i = 0; i < 300; i++)
        {
            region.Tell(new Request(account, i, Fails: false), TestActor);
            region.Tell(new EndWhenIdle(account), TestActor);
        }

        var answers = ReceiveN(300, TimeSpan.FromMinutes(1)).Cast<Answer>().ToArray();
        Assert.Equal(Enumerable.Range(0, 300), answers.Select(static a => a.Number).Order());
        Assert.All(answers, static a => Assert.True(a.Served));
        Assert.Equal(0, _stores.OpenedTwice);
    }

    [Fact]
    public void Requests_waiting_for_a_store_that_is_open_elsewhere_are_refused_when_the_actor_stops()
    {
        var account = new AccountId(1);
        _stores.LockElsewhere(account, TimeSpan.FromMinutes(5));
        var region = Region();
        for (var i = 0; i < 20; i++) region.Tell(new Request(account, i, Fails: false), TestActor);
        region.Tell(new CloseStore(account), TestActor);
        var answers = ReceiveN(20, TimeSpan.FromMinutes(1)).Cast<Answer>().ToArray();
        Assert.Equal(Enumerable.Range(0, 20), answers.Select(static a => a.Number));
        Assert.All(answers, static a => Assert.False(a.Served));
    }

    [Fact]
    public void A_full_buffer_refuses_the_request()
    {
        var account = new AccountId(1);
        using var held = new ManualResetEventSlim();
        var region = Region();
        region.Tell(new HoldStore(account, held), TestActor);
        region.Tell(new CloseStore(account), TestActor);
        const int More = 50;
        for (var i = 0; i < EntityRegionActor.MaxWaiting + More; i++) region.Tell(new Request(account, i, Fails: false), TestActor);
        var refused = ReceiveN(More, TimeSpan.FromMinutes(1)).Cast<Answer>().ToArray();
        Assert.Equal(Enumerable.Range(EntityRegionActor.MaxWaiting, More), refused.Select(static a => a.Number));
        Assert.All(refused, static a => Assert.False(a.Served));
        held.Set();
        var served = ReceiveN(EntityRegionActor.MaxWaiting, TimeSpan.FromMinutes(1)).Cast<Answer>().ToArray();
        Assert.Equal(Enumerable.Range(0, EntityRegionActor.MaxWaiting), served.Select(static a => a.Number).Order());
        Assert.All(served, static a => Assert.True(a.Served));
    }

    private IActorRef Region() => Sys.ActorOf(EntityRegionActor.Props(
        account => ActorFactory.Props(() => new Store(account, _stores)),
        static message => message is Request request ? new Answer(request.Number, Served: false) : null));

    private sealed record Request(AccountId Account, int Number, bool Fails) : IForAccount, INoSerializationVerificationNeeded;

    private sealed record EndWhenIdle(AccountId Account) : IForAccount, INoSerializationVerificationNeeded;

    private sealed record HoldStore(AccountId Account, ManualResetEventSlim Until) : IForAccount, INoSerializationVerificationNeeded;

    private sealed record CloseStore(AccountId Account) : IClosesAccount, INoSerializationVerificationNeeded;

    private sealed record Answer(int Number, bool Served);

    /// <summary>Which actor has which store open.</summary>
    private sealed class Stores
    {
        private readonly ConcurrentDictionary<AccountId, int> _open = [];
        private readonly ConcurrentDictionary<AccountId, DateTimeOffset> _elsewhere = [];

        public int OpenedTwice { get; private set; }

        public void LockElsewhere(AccountId account, TimeSpan time) => _elsewhere[account] = TimeProvider.System.GetUtcNow() + time;

        public void Open(AccountId account)
        {
            if (_elsewhere.TryGetValue(account, out var until) && TimeProvider.System.GetUtcNow() < until) throw new StoreInUseException("elsewhere");
            if (_open.AddOrUpdate(account, 1, static (_, n) => n + 1) > 1) OpenedTwice++;
        }

        public void Close(AccountId account) => _open.AddOrUpdate(account, 0, static (_, n) => n - 1);
    }

    /// <summary>Answers some requests at once and others when its inbox is empty, like mailboxes.</summary>
    private sealed class Store(AccountId account, Stores stores) : AccountStoreActor(account, new EntityHost { LockTimeout = TimeSpan.FromMinutes(10) }, new FolderOwnershipCheck(null, new NodeProblems()), OpenStores.Unlimited, TimeProvider.System)
    {
        private readonly List<(IActorRef Client, int Number)> _accepted = [];
        private bool _open;

        protected override int MaxWaiting => 100_000;

        protected override bool IsIdle => true;

        protected override void OpenStore()
        {
            stores.Open(Account);
            _open = true;
        }

        protected override void OnOpenFailed(Exception failure) => throw new InvalidOperationException("not opened", failure);

        protected override void OnFailed(Exception failure) => Assert.IsType<DivideByZeroException>(failure);

        protected override void Finish() => Commit();

        protected override void RefuseAccepted()
        {
            foreach (var (client, number) in _accepted) client.Tell(new Answer(number, Served: false));
            _accepted.Clear();
        }

        protected override bool TryRefuse(object message)
        {
            if (message is not Request request) return false;
            Sender.Tell(new Answer(request.Number, Served: false));
            return true;
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Request { Fails: true }:
                    throw new DivideByZeroException();
                case Request request when request.Number % 2 == 0:
                    Commit();
                    Sender.Tell(new Answer(request.Number, Served: true));
                    break;
                case Request request:
                    _accepted.Add((Sender, request.Number));
                    if (_accepted.Count == 1) Self.Tell("commit");
                    break;
                case "commit":
                    Commit();
                    break;
                case HoldStore hold:
                    hold.Until.Wait(TimeSpan.FromMinutes(1));
                    break;
                case EndWhenIdle:
                    Passivate();
                    break;
                default:
                    OnLifecycle(message);
                    break;
            }
        }

        protected override void PostStop()
        {
            if (_open) stores.Close(Account);
        }

        private void Commit()
        {
            foreach (var (client, number) in _accepted) client.Tell(new Answer(number, Served: true));
            _accepted.Clear();
        }
    }
}

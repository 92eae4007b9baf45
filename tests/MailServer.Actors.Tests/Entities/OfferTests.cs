using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using Microsoft.Extensions.Time.Testing;
using static MailServer.Actors.Entities.OfferProtocol;

namespace MailServer.Actors.Tests.Entities;

/// <summary>
/// Requests to an actor whose messages are lost on purpose, in both directions. The region's tracker and the actor's inbox are the real ones; the clock
/// is the test's.
/// </summary>
public sealed class OfferTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly HashSet<Type> _lost = [];
    private readonly ConcurrentDictionary<int, int> _executed = [];
    private readonly Lock _lock = new();
    private readonly IActorRef _link;
    private readonly IActorRef _region;
    private IActorRef _entity;

    public OfferTests() : base(ConfigurationFactory.ParseString(OfferMailbox.Hocon))
    {
        _entity = NewEntity();
        _link = Sys.ActorOf(ActorFactory.Props(() => new Link(this)));
        _region = Sys.ActorOf(ActorFactory.Props(() => new Region(this)));
    }

    public static TheoryData<string, bool> Losses()
    {
        var data = new TheoryData<string, bool>();
        foreach (var type in typeof(OfferProtocol).GetNestedTypes().Where(static t => t != typeof(OfferTick) && t != typeof(Abandoned)))
        {
            data.Add(type.Name, true);
            data.Add(type.Name, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_request_is_executed_although_a_message_is_lost_and_twice_only_if_repeatable(string lost, bool repeatable)
    {
        lock (_lock) _lost.Add(typeof(OfferProtocol).GetNestedType(lost)!);
        _region.Tell(new Request(1, repeatable));
        AnswerAfterTicks("answer 1");
        // A repeatable request is executed while its confirmation is lost, and may be offered again before its answer arrives.
        Assert.InRange(Executions(1), 1, repeatable && lost == nameof(Received) ? 2 : 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_request_that_never_arrives_is_refused_and_not_executed_later(bool repeatable)
    {
        _entity.Tell(PoisonPill.Instance);
        ExpectTerminated(_entity);
        _region.Tell(new Request(1, repeatable));
        _region.Tell(OfferTick.Instance);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        _time.Advance(RequestTracker.LostAfter + TimeSpan.FromSeconds(1));
        _region.Tell(OfferTick.Instance);
        ExpectMsg("refused 1", Patience);
        Replace();
        _region.Tell(OfferTick.Instance);
        _region.Tell(new Request(2, repeatable));
        AnswerAfterTicks("answer 2");
        Assert.Equal(0, Executions(1));
    }

    [Fact]
    public void An_offer_that_was_refused_meanwhile_is_not_executed_when_it_arrives()
    {
        lock (_lock) _lost.Add(typeof(Received));
        _region.Tell(new Request(1, Repeatable: false));
        WaitForLoss();
        _time.Advance(RequestTracker.LostAfter + TimeSpan.FromSeconds(1));
        _region.Tell(OfferTick.Instance);
        ExpectMsg("refused 1", Patience);
        Assert.Equal(0, Executions(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_request_in_the_inbox_of_a_busy_actor_is_neither_repeated_nor_refused(bool repeatable)
    {
        using var busy = new ManualResetEventSlim();
        _entity.Tell(busy);
        _region.Tell(new Request(1, repeatable));
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            _region.Tell(OfferTick.Instance);
            ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        }

        busy.Set();
        ExpectMsg("answer 1", Patience);
        Assert.Equal(1, Executions(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Requests_in_the_inbox_of_an_actor_that_stops_are_executed_by_its_successor(bool repeatable)
    {
        using var busy = new ManualResetEventSlim();
        var first = _entity;
        first.Tell(busy);
        for (var i = 1; i <= 20; i++) _region.Tell(new Request(i, repeatable));
        // All are in the inbox of the first.
        Sync();
        Replace();
        Sys.Stop(first);
        busy.Set();
        var answers = new HashSet<string>();
        for (var i = 0; i < 20; i++) answers.Add((string)ReceiveOne(Patience));
        Assert.Equal(Enumerable.Range(1, 20).Select(static i => $"answer {i}").Order(), answers.Order());
        Assert.All(Enumerable.Range(1, 20), i => Assert.Equal(1, Executions(i)));
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task Stashed_requests_of_an_actor_that_stops_are_executed_by_its_successor()
    {
        var first = _entity;
        first.Tell("stash");
        for (var i = 1; i <= 5; i++) _region.Tell(new Request(i, Repeatable: true));
        Sync();
        await first.Ask<string>("ping", Patience);
        Replace();
        first.Tell(PoisonPill.Instance);
        for (var i = 1; i <= 5; i++) ExpectMsg<string>(Patience);
        Assert.All(Enumerable.Range(1, 5), i => Assert.Equal(1, Executions(i)));
    }

    [Fact]
    public void A_request_abandoned_by_its_client_is_not_executed()
    {
        using var busy = new ManualResetEventSlim();
        _entity.Tell(busy);
        _region.Tell(new Request(1, Repeatable: false));
        Sync();
        _region.Tell(Abandoned.Instance);
        Sync();
        busy.Set();
        _region.Tell(new Request(2, Repeatable: false));
        ExpectMsg("answer 2", Patience);
        Assert.Equal(0, Executions(1));
    }

    [Fact]
    public void Too_many_requests_that_do_not_arrive_are_refused_at_once()
    {
        lock (_lock) _lost.Add(typeof(Link));
        for (var i = 0; i < RequestTracker.MaxPending; i++) _region.Tell(new Request(i, Repeatable: true));
        _region.Tell(new Request(-1, Repeatable: true));
        ExpectMsg("refused -1", Patience);
    }

    private int Executions(int number) => _executed.GetValueOrDefault(number);

    private IActorRef NewEntity() => Sys.ActorOf(ActorFactory.Props(() => new Entity(_executed)).WithMailbox(OfferMailbox.Id));

    private void Replace()
    {
        lock (_lock) _entity = NewEntity();
    }

    private void ExpectTerminated(IActorRef actor)
    {
        Watch(actor);
        ExpectTerminated(actor, Patience);
    }

    /// <summary>Waits until everything sent before has passed the region and the link, in both directions.</summary>
    private void Sync()
    {
        for (var i = 0; i < 3; i++)
        {
            _region.Ask<ActorIdentity>(new Identify(null), Patience).Wait(Patience);
            _link.Ask<ActorIdentity>(new Identify(null), Patience).Wait(Patience);
        }
    }

    private void WaitForLoss() => AwaitCondition(
        () =>
        {
            lock (_lock) return _lost.Count == 0;
        },
        Patience);

    private void AnswerAfterTicks(string expected)
    {
        for (var i = 0; i < 10; i++)
        {
            Sync();
            _time.Advance(RequestTracker.Interval);
            _region.Tell(OfferTick.Instance);
        }

        ExpectMsg(expected, Patience);
    }

    private bool IsLost(object message)
    {
        lock (_lock) return _lost.Contains(typeof(Link)) || _lost.Remove(message.GetType());
    }

    private sealed record Request(int Number, bool Repeatable) : ITrackedRequest, INoSerializationVerificationNeeded
    {
        public RequestRule Rule => new(TimeSpan.FromMinutes(5), Repeatable);
    }

    private sealed class Region : UntypedActor
    {
        private readonly RequestTracker _requests;

        public Region(OfferTests test) => _requests = new RequestTracker(
            Self, test._time, static request => $"refused {((Request)request).Number}", (_, message, client) => test._link.Tell(((Offer)message) with { Region = test._link }, client), () => true);

        protected override void OnReceive(object message)
        {
            if (message is Request) _requests.Send(message, Sender);
            else if (!_requests.OnMessage(message, Sender)) Unhandled(message);
        }
    }

    /// <summary>Stands between region and actor. Each message passes it, so that it can be lost.</summary>
    private sealed class Link(OfferTests test) : UntypedActor
    {
        private readonly Dictionary<IActorRef, IActorRef> _backs = [];

        protected override void OnReceive(object message)
        {
            if (test.IsLost(message)) return;
            switch (message)
            {
                case Offer offer:
                    // The answers come back to the link.
                    test._entity.Tell(offer, Sender);
                    break;
                case Received or Begun:
                    test._region.Tell(message, BackTo(Sender));
                    break;
                case Returned returned:
                    test._region.Tell(returned with { Entity = BackTo(returned.Entity) }, Sender);
                    break;
            }
        }

        private IActorRef BackTo(IActorRef entity)
        {
            if (!_backs.TryGetValue(entity, out var back)) _backs.Add(entity, back = Context.ActorOf(ActorFactory.Props(() => new Back(test, entity))));
            return back;
        }
    }

    /// <summary>Represents the actor at the region.</summary>
    private sealed class Back(OfferTests test, IActorRef entity) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (!test.IsLost(message)) entity.Tell(message, test._link);
        }
    }

    private sealed class Entity(ConcurrentDictionary<int, int> executed) : UntypedActor, IWithStash
    {
        private bool _stashes;

        public IStash Stash { get; set; } = null!;

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Request when _stashes:
                    Stash.Stash();
                    break;
                case Request request:
                    executed.AddOrUpdate(request.Number, 1, static (_, n) => n + 1);
                    Sender.Tell($"answer {request.Number}");
                    break;
                case ManualResetEventSlim busy:
                    busy.Wait(TimeSpan.FromMinutes(1));
                    break;
                case "stash":
                    _stashes = true;
                    break;
                case "ping":
                    Sender.Tell("pong");
                    break;
            }
        }
    }
}

using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Collections;
using MailServer.Actors.Entities;
using MailServer.Actors.Serialization;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using static MailServer.Actors.Tests.Collections.CollectionWorld;

namespace MailServer.Actors.Tests.Collections;

/// <summary>Collections in their real region, on a real disk.</summary>
public sealed class CollectionRegionTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _directory = new();
    private readonly IActorRef _region;

    public CollectionRegionTests() : base(ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "mailserver.conf"))).WithFallback(DefaultConfig))
    {
        _region = Sys.ActorOf(CollectionsActor.Region(Services(_directory)), "collections");
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _directory.Dispose();
    }

    [Fact]
    public void A_collection_has_an_actor_from_its_first_request_until_it_is_removed()
    {
        Done(Make(Other));
        Assert.Empty(Children());
        Assert.IsType<CollectionReply.Stored>(Ask(Put(Other, "a")));
        Assert.IsType<CollectionReply.Stored>(Ask(Put(Calendar, "a")));
        Assert.Equal(2, Children().Count);
        Done(new CollectionRequest.Delete(Other));
        AwaitAssert(() => Assert.Single(Children()), Patience);
        Assert.Equal(CollectionRefusal.NotFound, Assert.IsType<CollectionReply.Refused>(Ask(Search(Other))).Reason);
        Done(Make(Other));
        Assert.Empty(Assert.IsType<CollectionReply.Page>(Ask(Search(Other))).Resources);
    }

    [Fact]
    public void A_renamed_collection_is_served_under_its_new_name_only()
    {
        Done(Make(Other));
        Ask(Put(Other, "a"));
        Assert.IsType<CollectionReply.Stored>(Ask(new CollectionRequest.Transfer(Other, Home.Child("renamed"), Move: true, Overwrite: false, Deep: true)));
        Assert.IsType<CollectionReply.Refused>(Ask(Search(Other)));
        Assert.Single(Assert.IsType<CollectionReply.Page>(Ask(Search(Home.Child("renamed")))).Resources);
    }

    [Fact]
    public void A_report_selects_and_expands_and_an_unknown_name_creates_no_actor()
    {
        for (var i = 0; i < 20; i++) Ask(Put(Calendar, $"e{i}"));
        var page = Assert.IsType<CollectionReply.Page>(Ask(Search(Calendar)));
        Assert.Equal(20, page.Resources.Count);
        Assert.All(page.Resources, static entry => Assert.Equal(21, System.Text.Encoding.UTF8.GetString(entry.Body.Span).Split("BEGIN:VEVENT").Length - 1));
        for (var i = 0; i < 50; i++) Assert.IsType<CollectionReply.Refused>(Ask(new CollectionRequest.Find(Home.Child($"guess-{i}").Child("a"), WithBody: false)));
        Assert.Single(Children());
    }

    [Fact]
    public void Of_many_changes_with_the_same_precondition_one_succeeds()
    {
        var first = Assert.IsType<CollectionReply.Stored>(Ask(Put(Calendar, "a")));
        var onlyFirst = new Preconditions { IfMatch = new ETagList(Any: false, [first.ETag]) };
        var changed = Put(Calendar, "a") with { Conditions = onlyFirst };
        changed = changed with { Resource = changed.Resource with { ETag = "changed" } };
        for (var i = 0; i < 20; i++) Tell(changed);
        var answers = ReceiveN(20, Patience);
        Assert.Single(answers.OfType<CollectionReply.Stored>());
        Assert.Equal(19, answers.OfType<CollectionReply.Refused>().Count(static refused => refused.Reason == CollectionRefusal.PreconditionFailed));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_request_is_answered_once_while_collections_and_accounts_stop_and_restart(int seed)
    {
        var random = new Random(seed);
        Done(Make(Other));
        for (var i = 0; i < 30; i++) Ask(Put(Calendar, $"e{i}"));
        const int Requests = 600;
        for (var i = 0; i < Requests; i++)
        {
            Tell(RandomRequest(random, i));
            switch (random.Next(15))
            {
                case 0:
                    Sys.ActorSelection(_region, "*/*").Tell(ReceiveTimeout.Instance);
                    break;
                case 1:
                    Sys.ActorSelection(_region, "*").Tell(ReceiveTimeout.Instance);
                    break;
                case 2 when random.Next(4) == 0:
                    _region.Tell(new CollectionProtocol.Close(Alice));
                    break;
            }
        }

        var answers = ReceiveN(Requests, Patience);
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        Assert.DoesNotContain(answers, static answer => answer is CollectionReply.Refused { Reason: CollectionRefusal.Unavailable });
    }

    [Fact]
    public void Changes_of_one_calendar_are_answered_while_reports_run_on_another()
    {
        Done(Make(Other));
        for (var i = 0; i < 300; i++) Tell(Put(Calendar, $"e{i}"));
        ReceiveN(300, Patience);
        var reports = CreateTestProbe();
        for (var i = 0; i < 20; i++) _region.Tell(new CollectionProtocol.AccountRequest(Alice, Search(Calendar)), reports.Ref);
        for (var i = 0; i < 20; i++) Assert.IsType<CollectionReply.Stored>(Ask(Put(Other, $"p{i}")));
        for (var i = 0; i < 20; i++) Assert.Equal(300, reports.ExpectMsg<CollectionReply.Page>(Patience).Resources.Count);
    }

    /// <summary>An upload or report gives the same result whether its actor or, during an upgrade, the HTTP node evaluates it.</summary>
    [Fact]
    public async Task During_an_upgrade_uploads_and_reports_have_the_same_results()
    {
        var collections = new CollectionClient(() => _region);
        var older = new OlderNode(collections);
        foreach (var client in new ICollections[] { collections, new MixedVersionCollections(older, static () => true, Limits.Default) })
        {
            Assert.IsType<CollectionReply.Done>(await client.AskAsync(Alice, Make(Other), default));
            for (var i = 0; i < 5; i++)
                Assert.IsType<CollectionReply.Stored>(await client.AskAsync(Alice, new CollectionRequest.Upload(Other.Child($"{i}.ics"), Recurring($"e{i}"), "text/calendar"), default));
            Assert.IsType<CollectionReply.Invalid>(await client.AskAsync(Alice, new CollectionRequest.Upload(Other.Child("bad.ics"), "bad"u8.ToArray(), "text/calendar"), default));
            var all = Assert.IsType<CollectionReply.Page>(await client.AskAsync(Alice, Search(Other), default));
            Assert.Equal((5, 5 * 21), (all.Resources.Count, all.Resources.Sum(static entry => System.Text.Encoding.UTF8.GetString(entry.Body.Span).Split("BEGIN:VEVENT").Length - 1)));
            Assert.Single(Assert.IsType<CollectionReply.Page>(await client.AskAsync(Alice, Search(Other) with { Names = ["3.ics"] }, default)).Resources);
            var busy = new CollectionRequest.ListBusyTimes(Other, 0, new DateTimeOffset(2027, 1, 4, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 9, 0, 0, 0, TimeSpan.Zero));
            Assert.Equal(5, Assert.IsType<CollectionReply.BusyTimes>(await client.AskAsync(Alice, busy, default)).Periods.Count);
            Assert.IsType<CollectionReply.Refused>(await client.AskAsync(Alice, Search(Home.Child("unknown")), default));
            Assert.IsType<CollectionReply.Done>(await client.AskAsync(Alice, new CollectionRequest.Delete(Other), default));
        }

        Assert.True(older.Requests > 10);
    }

    private static CollectionRequest RandomRequest(Random random, int number)
    {
        var calendar = random.Next(3) == 0 ? Other : Calendar;
        return random.Next(10) switch
        {
            0 => Search(calendar),
            1 => new CollectionRequest.ListBusyTimes(calendar, 0, null, new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero)),
            2 => new CollectionRequest.List(Home, 0, WithProperties: false),
            3 => new CollectionRequest.Find(calendar, WithBody: false),
            4 when random.Next(5) == 0 => new CollectionRequest.Delete(Other),
            4 => Make(Other),
            5 => new CollectionRequest.Delete(calendar.Child($"n{random.Next(number + 1)}.ics")),
            _ => Put(calendar, $"n{number}"),
        };
    }

    [Fact]
    public void An_ending_actor_of_a_cluster_sends_later_requests_back_to_the_entry_of_the_region()
    {
        Done(Make(Other));
        _region.Tell(PoisonPill.Instance);
        ExpectTerminated(Watch(_region));
        var entry = CreateTestProbe();
        var home = new EntityHost { Node = "a", Entry = entry, LockTimeout = Patience };
        var account = Watch(Sys.ActorOf(CollectionsActor.Props(Alice, Services(_directory) with { Home = home })));
        // The report keeps an actor of the collection, which ends after it.
        account.Tell(new CollectionProtocol.AccountRequest(Alice, Search(Other)), TestActor);
        account.Tell(StopEntity.Instance);
        var late = new CollectionProtocol.AccountRequest(Alice, Make(Home.Child("late")));
        account.Tell(late, TestActor);
        Assert.Same(late, entry.ExpectMsg<CollectionProtocol.AccountRequest>(Patience));
        Assert.Equal(TestActor, entry.LastSender);
        FishForMessage(static m => m is Terminated, Patience);
    }

    private void Tell(CollectionRequest request) => _region.Tell(new CollectionProtocol.AccountRequest(Alice, request), TestActor);

    private CollectionReply Ask(CollectionRequest request)
    {
        Tell(request);
        return ExpectMsg<CollectionReply>(Patience);
    }

    private void Done(CollectionRequest request) => Assert.IsType<CollectionReply.Done>(Ask(request));

    /// <summary>Answers only the requests that version 0.1 knows.</summary>
    private sealed class OlderNode(ICollections collections) : ICollections
    {
        public int Requests { get; private set; }

        public Task<CollectionReply> AskAsync(AccountId account, CollectionRequest request, CancellationToken cancel)
        {
            Assert.Contains(WireCodecs.Of(request).Manifest, MixedVersionCollectionsTests.KnownToVersion01);
            Requests++;
            return collections.AskAsync(account, request, cancel);
        }
    }

    /// <summary>The running actors of the account's collections.</summary>
    private IReadOnlyList<IActorRef> Children()
    {
        var probe = CreateTestProbe();
        Sys.ActorSelection(_region, "*/*").Tell(new Identify(1), probe.Ref);
        var found = new List<IActorRef>();
        while (probe.ReceiveOne(TimeSpan.FromMilliseconds(500)) is ActorIdentity { Subject: { } child }) found.Add(child);
        return found;
    }
}

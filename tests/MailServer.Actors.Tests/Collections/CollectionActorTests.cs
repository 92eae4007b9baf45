using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Collections;
using MailServer.Actors.Entities;
using MailServer.Domain.Collections;
using static MailServer.Actors.Tests.Collections.CollectionWorld;

namespace MailServer.Actors.Tests.Collections;

/// <summary>One collection's actor beside a probe that plays the account's store, with a clock that the test moves.</summary>
public sealed class CollectionActorTests : TestKit
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestProbe _store;
    private readonly TestProbe _client;
    private readonly IActorRef _collection;

    public CollectionActorTests()
        : base("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"\ncollection-dispatcher { type = ForkJoinDispatcher, throughput = 1, dedicated-thread-pool { thread-count = 1, threadtype = background } }")
    {
        _store = CreateTestProbe();
        _client = CreateTestProbe();
        _collection = _store.ChildActorOf(CollectionActor.Props(Alice, Services(_directory, new SteppingTime())), "collection");
        Watch(_collection);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _directory.Dispose();
    }

    [Fact]
    public void Changes_and_single_reads_go_on_to_the_store_in_their_order_and_name_their_client()
    {
        CollectionRequest[] requests = [Put(Calendar, "a"), new CollectionRequest.Find(Calendar.Child("a.ics"), WithBody: true), new CollectionRequest.Delete(Calendar.Child("a.ics"))];
        foreach (var request in requests) Ask(request);
        foreach (var request in requests)
        {
            Assert.Equal(request, _store.ExpectMsg<CollectionProtocol.ToStore>().Request);
            Assert.Equal(_client.Ref, _store.LastSender);
        }
    }

    [Fact]
    public void An_upload_is_parsed_here_and_an_invalid_one_never_reaches_the_store()
    {
        Ask(new CollectionRequest.Upload(Calendar.Child("bad.ics"), "no calendar"u8.ToArray(), "text/calendar"));
        Assert.Equal(403, _client.ExpectMsg<CollectionReply.Invalid>().Status);
        Ask(new CollectionRequest.Upload(Calendar.Child("a.ics"), Recurring("a"), "text/calendar") { Sharee = Alice });
        var put = Assert.IsType<CollectionRequest.Put>(_store.ExpectMsg<CollectionProtocol.ToStore>().Request);
        Assert.Equal(("a", Alice), (put.Resource.Uid, put.Sharee));
    }

    [Fact]
    public void Requests_are_served_between_the_turns_of_a_report()
    {
        // The store is the client, too, so that it sees which comes first.
        _collection.Tell(new CollectionProtocol.AccountRequest(Alice, Search(Calendar)), _store.Ref);
        var page = _store.ExpectMsg<CollectionActor.ReadPage>();
        _collection.Tell(Page(page, Enumerable.Range(1, 200), next: null));
        Ask(new CollectionRequest.FindLocks(Calendar));
        _store.ExpectMsg<CollectionProtocol.ToStore>();
        Assert.Equal(200, _store.ExpectMsg<CollectionReply.Page>().Resources.Count);
    }

    [Fact]
    public void A_report_takes_page_after_page_and_answers_once()
    {
        Ask(Search(Calendar));
        _collection.Tell(Page(_store.ExpectMsg<CollectionActor.ReadPage>(), [1, 2], next: 2));
        var second = _store.ExpectMsg<CollectionActor.ReadPage>();
        Assert.Equal(2, Assert.IsType<CollectionRequest.Query>(second.Request).After);
        _collection.Tell(Page(second, [3], next: null));
        var answer = _client.ExpectMsg<CollectionReply.Page>();
        Assert.Equal(["1.ics", "2.ics", "3.ics"], answer.Resources.Select(static entry => entry.Name));
        Assert.Null(answer.Next);
        _client.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_report_that_cannot_be_read_is_refused_and_the_actor_goes_on()
    {
        Ask(Search(Calendar, "<no-report/>"));
        Assert.Equal(CollectionRefusal.Unavailable, _client.ExpectMsg<CollectionReply.Refused>().Reason);
        Ask(Put(Calendar, "a"));
        _store.ExpectMsg<CollectionProtocol.ToStore>();
    }

    [Fact]
    public void A_page_that_cannot_be_evaluated_refuses_its_report_alone()
    {
        Ask(Search(Calendar));
        var failing = _store.ExpectMsg<CollectionActor.ReadPage>();
        Ask(Search(Calendar));
        var sound = _store.ExpectMsg<CollectionActor.ReadPage>();
        _collection.Tell(new CollectionActor.PageRead(failing.Report, new CollectionReply.Page(Info(Calendar), [], [null!], null)));
        _client.ExpectMsg<CollectionReply.Refused>();
        _collection.Tell(Page(sound, [1], next: null));
        _client.ExpectMsg<CollectionReply.Page>();
    }

    [Fact]
    public void A_refusal_of_the_store_is_the_answer()
    {
        Ask(Search(Calendar));
        _collection.Tell(new CollectionActor.PageRead(_store.ExpectMsg<CollectionActor.ReadPage>().Report, new CollectionReply.Refused(CollectionRefusal.NotFound)));
        Assert.Equal(CollectionRefusal.NotFound, _client.ExpectMsg<CollectionReply.Refused>().Reason);
    }

    [Fact]
    public void A_report_whose_store_is_silent_is_refused_at_its_deadline()
    {
        Ask(Search(Calendar));
        var page = _store.ExpectMsg<CollectionActor.ReadPage>();
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(26));
        Assert.Equal(CollectionRefusal.Unavailable, _client.ExpectMsg<CollectionReply.Refused>().Reason);
        _collection.Tell(Page(page, [1], next: null));
        _client.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void More_reports_than_may_be_in_work_are_refused()
    {
        for (var i = 0; i <= CollectionActor.MaxReports; i++) Ask(Search(Calendar));
        _client.ExpectMsg<CollectionReply.Refused>();
        var pages = Enumerable.Range(0, CollectionActor.MaxReports).Select(_ => _store.ExpectMsg<CollectionActor.ReadPage>()).ToArray();
        foreach (var page in pages) _collection.Tell(Page(page, [1], next: null));
        for (var i = 0; i < CollectionActor.MaxReports; i++) _client.ExpectMsg<CollectionReply.Page>();
    }

    [Fact]
    public void An_actor_that_is_told_to_stop_answers_with_what_it_has_and_where_to_go_on()
    {
        Ask(Search(Calendar));
        var page = _store.ExpectMsg<CollectionActor.ReadPage>();
        Ask(Put(Calendar, "a"));
        _collection.Tell(StopEntity.Instance);
        _store.ExpectMsg<CollectionProtocol.ToStore>();
        _collection.Tell(Page(page, [1, 2], next: 2));
        var answer = _client.ExpectMsg<CollectionReply.Page>();
        Assert.Equal((2, 2L), (answer.Resources.Count, answer.Next));
        ExpectTerminated(_collection);
    }

    [Fact]
    public void An_actor_that_ends_otherwise_refuses_what_it_has()
    {
        Ask(Search(Calendar));
        _store.ExpectMsg<CollectionActor.ReadPage>();
        Sys.Stop(_collection);
        Assert.Equal(CollectionRefusal.Unavailable, _client.ExpectMsg<CollectionReply.Refused>().Reason);
    }

    [Fact]
    public void An_idle_actor_asks_to_be_stopped_and_one_with_a_report_does_not()
    {
        Ask(Search(Calendar));
        var page = _store.ExpectMsg<CollectionActor.ReadPage>();
        _collection.Tell(ReceiveTimeout.Instance);
        _collection.Tell(Page(page, [1], next: null));
        _client.ExpectMsg<CollectionReply.Page>();
        _store.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        _collection.Tell(ReceiveTimeout.Instance);
        _store.ExpectMsg<Passivate>();
    }

    [Fact]
    public void Busy_times_are_gathered_over_pages()
    {
        Ask(new CollectionRequest.ListBusyTimes(Calendar, 0, new DateTimeOffset(2027, 1, 4, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 6, 0, 0, 0, TimeSpan.Zero)));
        _collection.Tell(Page(_store.ExpectMsg<CollectionActor.ReadPage>(), [1], next: 1));
        _collection.Tell(Page(_store.ExpectMsg<CollectionActor.ReadPage>(), [2], next: null));
        var busy = _client.ExpectMsg<CollectionReply.BusyTimes>();
        Assert.Equal([4, 5], busy.Periods.Select(static period => period.Start.Day));
        Assert.False(busy.IsCutOff);
    }

    private void Ask(CollectionRequest request) => _collection.Tell(new CollectionProtocol.AccountRequest(Alice, request), _client.Ref);

    private static CollectionActor.PageRead Page(CollectionActor.ReadPage asked, IEnumerable<int> ids, long? next) =>
        new(asked.Report, new CollectionReply.Page(Info(Calendar), [], [.. ids.Select(id => Entry(id))], next));

    /// <summary>Each look at the clock takes a millisecond, so that turns end after the same number of resources everywhere.</summary>
    private sealed class SteppingTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => Interlocked.Increment(ref _now);
    }
}

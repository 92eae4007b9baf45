using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Collections;
using MailServer.Actors.Entities;
using MailServer.Domain.Collections;
using static MailServer.Actors.Tests.Collections.CollectionWorld;

namespace MailServer.Actors.Tests.Collections;

/// <summary>The actor of one collection and its reports. A probe stands in for the account's store actor, and the test moves the clock.</summary>
public sealed class CollectionActorTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(100);

    private readonly TemporaryDirectory _directory = new();
    private readonly SteppingTime _time = new();
    private readonly TestProbe _store;
    private readonly TestProbe _client;
    private readonly IActorRef _collection;

    public CollectionActorTests()
        : base("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"\nreport-dispatcher { type = ForkJoinDispatcher, throughput = 1, dedicated-thread-pool { thread-count = 1, threadtype = background } }")
    {
        _store = CreateTestProbe();
        _client = CreateTestProbe();
        _collection = _store.ChildActorOf(CollectionActor.Props(Alice, Services(_directory, _time)), "collection");
        Watch(_collection);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _directory.Dispose();
    }

    [Fact]
    public void Changes_and_single_reads_are_forwarded_to_the_store_in_order_with_their_client()
    {
        CollectionRequest[] requests = [Put(Calendar, "a"), new CollectionRequest.Find(Calendar.Child("a.ics"), WithBody: true), new CollectionRequest.Delete(Calendar.Child("a.ics"))];
        foreach (var request in requests) Ask(request);
        foreach (var request in requests)
        {
            Assert.Equal(request, _store.ExpectMsg<CollectionActor.ToStore>(Patience).Request);
            Assert.Equal(_client.Ref, _store.LastSender);
        }
    }

    [Fact]
    public void An_upload_is_parsed_here_and_an_invalid_one_never_reaches_the_store()
    {
        Ask(new CollectionRequest.Upload(Calendar.Child("bad.ics"), "no calendar"u8.ToArray(), "text/calendar"));
        Assert.Equal(403, _client.ExpectMsg<CollectionReply.Invalid>(Patience).Status);
        Ask(new CollectionRequest.Upload(Calendar.Child("a.ics"), Recurring("a"), "text/calendar") { Sharee = Alice });
        var put = Assert.IsType<CollectionRequest.Put>(_store.ExpectMsg<CollectionActor.ToStore>(Patience).Request);
        Assert.Equal(("a", Alice), (put.Resource.Uid, put.Sharee));
    }

    [Fact]
    public void Requests_are_served_while_reports_run()
    {
        Ask(Search(Calendar));
        var page = NextPage();
        Ask(new CollectionRequest.FindLocks(Calendar));
        _store.ExpectMsg<CollectionActor.ToStore>(Patience);
        page.Answer([1], next: null);
        _client.ExpectMsg<CollectionReply.Page>(Patience);
    }

    [Fact]
    public void Reports_of_a_node_take_turns()
    {
        Ask(Search(Calendar));
        var large = NextPage();
        Ask(Search(Calendar));
        var small = NextPage();
        // The small page arrives during the first turn of the large one.
        _time.OnNextReading = () => small.Answer([1], next: null);
        large.Answer(Enumerable.Range(1, 200), next: null);
        Assert.Single(_client.ExpectMsg<CollectionReply.Page>(Patience).Resources);
        Assert.Equal(200, _client.ExpectMsg<CollectionReply.Page>(Patience).Resources.Count);
    }

    [Fact]
    public void A_report_reads_page_after_page_and_answers_once()
    {
        Ask(Search(Calendar));
        NextPage().Answer([1, 2], next: 2);
        var second = NextPage();
        Assert.Equal(2, Assert.IsType<CollectionRequest.Query>(second.Request).After);
        second.Answer([3], next: null);
        var answer = _client.ExpectMsg<CollectionReply.Page>(Patience);
        Assert.Equal(["1.ics", "2.ics", "3.ics"], answer.Resources.Select(static entry => entry.Name));
        Assert.Null(answer.Next);
        _client.ExpectNoMsg(Silence);
    }

    [Fact]
    public void A_report_that_cannot_be_parsed_is_refused_and_the_actor_continues()
    {
        Ask(Search(Calendar, "<no-report/>"));
        Assert.Equal(CollectionRefusal.Unavailable, _client.ExpectMsg<CollectionReply.Refused>(Patience).Reason);
        Ask(Put(Calendar, "a"));
        _store.ExpectMsg<CollectionActor.ToStore>(Patience);
    }

    [Fact]
    public void A_page_that_cannot_be_evaluated_refuses_only_its_report()
    {
        Ask(Search(Calendar));
        var failing = NextPage();
        Ask(Search(Calendar));
        var sound = NextPage();
        failing.Answer(new CollectionReply.Page(Info(Calendar), [], [null!], null));
        _client.ExpectMsg<CollectionReply.Refused>(Patience);
        sound.Answer([1], next: null);
        _client.ExpectMsg<CollectionReply.Page>(Patience);
    }

    [Fact]
    public void A_refusal_of_the_store_is_the_answer()
    {
        Ask(Search(Calendar));
        NextPage().Answer(new CollectionReply.Refused(CollectionRefusal.NotFound));
        Assert.Equal(CollectionRefusal.NotFound, _client.ExpectMsg<CollectionReply.Refused>(Patience).Reason);
    }

    [Fact]
    public void A_report_whose_store_does_not_answer_is_refused_at_its_deadline()
    {
        Ask(Search(Calendar));
        var page = NextPage();
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(26));
        Assert.Equal(CollectionRefusal.Unavailable, _client.ExpectMsg<CollectionReply.Refused>(Patience).Reason);
        page.Answer([1], next: null);
        _client.ExpectNoMsg(Silence);
    }

    [Fact]
    public void Reports_beyond_the_running_ones_wait_and_those_beyond_the_waiting_ones_are_refused()
    {
        const int Accepted = CollectionActor.MaxRunning + CollectionActor.MaxWaiting;
        for (var i = 0; i <= Accepted; i++) Ask(Search(Calendar));
        _client.ExpectMsg<CollectionReply.Refused>(Patience);
        var running = Enumerable.Range(0, CollectionActor.MaxRunning).Select(_ => NextPage()).ToArray();
        _store.ExpectNoMsg(Silence);
        foreach (var page in running) page.Answer([1], next: null);
        for (var i = 0; i < CollectionActor.MaxWaiting; i++) NextPage().Answer([1], next: null);
        for (var i = 0; i < Accepted; i++) _client.ExpectMsg<CollectionReply.Page>(Patience);
    }

    [Fact]
    public void A_report_that_has_waited_too_long_is_refused()
    {
        for (var i = 0; i <= CollectionActor.MaxRunning; i++) Ask(Search(Calendar));
        var running = Enumerable.Range(0, CollectionActor.MaxRunning).Select(_ => NextPage()).ToArray();
        _time.Advance(TimeSpan.FromSeconds(26));
        foreach (var page in running) page.Answer([1], next: null);
        Assert.Single(_client.ReceiveN(CollectionActor.MaxRunning + 1, Patience).OfType<CollectionReply.Refused>());
        _store.ExpectNoMsg(Silence);
    }

    [Fact]
    public void A_report_that_takes_long_answers_with_its_results_so_far_and_where_to_continue()
    {
        Ask(Search(Calendar));
        var page = NextPage();
        _time.Advance(TimeSpan.FromSeconds(11));
        page.Answer([1, 2], next: 2);
        var answer = _client.ExpectMsg<CollectionReply.Page>(Patience);
        Assert.Equal((2, 2L), (answer.Resources.Count, answer.Next));
    }

    [Fact]
    public void A_stopping_actor_lets_running_reports_answer_and_returns_waiting_ones_to_its_parent()
    {
        for (var i = 0; i <= CollectionActor.MaxRunning; i++) Ask(Search(Calendar));
        var running = Enumerable.Range(0, CollectionActor.MaxRunning).Select(_ => NextPage()).ToArray();
        Ask(Put(Calendar, "a"));
        _collection.Tell(StopEntity.Instance);
        _store.ExpectMsg<CollectionActor.ToStore>(Patience);
        _store.ExpectMsg<CollectionProtocol.AccountRequest>(Patience);
        Assert.Equal(_client.Ref, _store.LastSender);
        foreach (var page in running) page.Answer([1, 2], next: 2);
        foreach (var _ in running)
        {
            var answer = _client.ExpectMsg<CollectionReply.Page>(Patience);
            Assert.Equal((2, 2L), (answer.Resources.Count, answer.Next));
        }

        ExpectTerminated(_collection, Patience);
    }

    [Fact]
    public void An_actor_that_is_stopped_abruptly_refuses_running_and_waiting_reports()
    {
        const int Reports = CollectionActor.MaxRunning + 3;
        for (var i = 0; i < Reports; i++) Ask(Search(Calendar));
        for (var i = 0; i < CollectionActor.MaxRunning; i++) NextPage();
        Sys.Stop(_collection);
        Assert.All(_client.ReceiveN(Reports, Patience), static reply => Assert.Equal(CollectionRefusal.Unavailable, Assert.IsType<CollectionReply.Refused>(reply).Reason));
    }

    [Fact]
    public void An_idle_actor_asks_to_be_stopped_but_not_while_a_report_runs()
    {
        Ask(Search(Calendar));
        var page = NextPage();
        _collection.Tell(ReceiveTimeout.Instance);
        page.Answer([1], next: null);
        _client.ExpectMsg<CollectionReply.Page>(Patience);
        _store.ExpectNoMsg(Silence);
        AwaitAssert(
            () =>
            {
                _collection.Tell(ReceiveTimeout.Instance);
                _store.ExpectMsg<Passivate>(Silence);
            },
            Patience);
    }

    [Fact]
    public void Busy_times_are_collected_over_pages()
    {
        Ask(new CollectionRequest.ListBusyTimes(Calendar, 0, new DateTimeOffset(2027, 1, 4, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 6, 0, 0, 0, TimeSpan.Zero)));
        NextPage().Answer([1], next: 1);
        NextPage().Answer([2], next: null);
        var busy = _client.ExpectMsg<CollectionReply.BusyTimes>(Patience);
        Assert.Equal([4, 5], busy.Periods.Select(static period => period.Start.Day));
        Assert.False(busy.IsCutOff);
    }

    private void Ask(CollectionRequest request) => _collection.Tell(new CollectionProtocol.AccountRequest(Alice, request), _client.Ref);

    private RequestedPage NextPage()
    {
        var request = _store.ExpectMsg<ReportActor.ReadPage>(Patience).Request;
        return new RequestedPage(request, _store.LastSender);
    }

    /// <summary>A page that a report has requested from the store.</summary>
    private sealed record RequestedPage(CollectionRequest Request, IActorRef Report)
    {
        public void Answer(IEnumerable<int> ids, long? next) => Answer(new CollectionReply.Page(Info(Calendar), [], [.. ids.Select(id => Entry(id))], next));

        public void Answer(CollectionReply reply) => Report.Tell(new ReportActor.PageRead(reply));
    }

    /// <summary>Every reading of the clock takes a millisecond, so turns end after the same number of resources on every machine.</summary>
    private sealed class SteppingTime : TimeProvider
    {
        private long _now;
        private Action? _onNextReading;

        public override long TimestampFrequency => 1_000;

        public Action OnNextReading
        {
            set => _onNextReading = value;
        }

        public override long GetTimestamp()
        {
            Interlocked.Exchange(ref _onNextReading, null)?.Invoke();
            return Interlocked.Increment(ref _now);
        }

        public void Advance(TimeSpan span) => Interlocked.Add(ref _now, (long)span.TotalMilliseconds);
    }
}

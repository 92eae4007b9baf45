using MailServer.Actors.Queue;
using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Queue;

/// <summary>What commands do to a partition of the queue, decided without an actor, a journal or a clock.</summary>
public sealed class QueueDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly SmtpReply Ok = new(250, "2.0.0", "ok");
    private static readonly SmtpReply Later = new(450, "4.2.0", "later");
    private static readonly SmtpReply No = new(550, "5.1.1", "no");

    private static long Ids;

    private readonly QueueState _state = new();
    private readonly RetrySchedule _schedule = new();

    [Fact]
    public void A_new_message_is_recorded_and_then_accepted()
    {
        var item = Item("b@far.example");
        var decision = Decider().Process(new QueueProtocol.Enqueue(item));
        Assert.Equal(item, Assert.IsType<QueueEvent.Queued>(decision.Event).Item);
        Assert.Equal(new QueueProtocol.Enqueued(item.Message, true), decision.Answer);
    }

    [Fact]
    public void A_message_that_is_queued_already_is_accepted_without_an_event()
    {
        var item = Queue(Item("b@far.example"));
        Assert.Equal(new QueueDecision(null, new QueueProtocol.Enqueued(item.Message, true)), Decider().Process(new QueueProtocol.Enqueue(item)));
    }

    [Fact]
    public void A_message_that_follows_from_another_is_not_queued_again_after_it_was_finished()
    {
        var item = Item("b@far.example");
        var derived = Queue(item with { Message = item.Message.Derive("A1N0") });
        _state.Apply(Assert.IsType<QueueEvent.Attempted>(Decider().Process(Result(derived, (0, Ok)), Now).Event));
        Assert.False(_state.Contains(derived.Message));
        Assert.True(_state.WasFinished(derived.Message));
        Assert.Equal(new QueueDecision(null, new QueueProtocol.Enqueued(derived.Message, true)), Decider().Process(new QueueProtocol.Enqueue(derived)));
        // Other messages get a new id whenever they are sent again.
        var plain = Queue(Item("b@far.example"));
        _state.Apply(new QueueEvent.Deleted(plain.Message));
        Assert.False(_state.WasFinished(plain.Message));
    }

    [Fact]
    public void A_full_partition_refuses_new_messages_but_not_repeated_ones()
    {
        var queued = Queue(Item("b@far.example"));
        var item = Item("c@far.example");
        var decider = Decider(Limits.Default with { QueuedMessages = QueueActor.Partitions });
        Assert.Equal(new QueueDecision(null, new QueueProtocol.Enqueued(item.Message, false)), decider.Process(new QueueProtocol.Enqueue(item)));
        Assert.Equal(new QueueDecision(null, new QueueProtocol.Enqueued(queued.Message, true)), decider.Process(new QueueProtocol.Enqueue(queued)));
    }

    [Fact]
    public void Each_reply_of_a_host_decides_about_its_recipient()
    {
        var item = Queue(Item("a@far.example", "b@far.example", "c@far.example"));
        var decision = Decider().Process(Result(item, (0, Ok), (1, Later), (2, No)), Now);
        var attempted = Assert.IsType<QueueEvent.Attempted>(decision.Event);
        Assert.Equal([RecipientState.Delivered, RecipientState.Waiting, RecipientState.Failed], attempted.Results.Select(static r => r.State));
        Assert.InRange(attempted.Results[1].Next, Now + _schedule.First * 0.8, Now + _schedule.First * 1.2);
        Assert.Equal([false, false, true], attempted.Results.Select(static r => r.NoticeDue));
        Assert.Null(decision.Answer);
    }

    [Fact]
    public void A_late_reply_for_a_delivered_recipient_changes_nothing()
    {
        var item = Queue(Item("a@far.example", "b@far.example"));
        _state.Apply(Decider().Process(Result(item, (0, Ok)), Now).Event!);
        Assert.Null(Decider().Process(Result(item, (0, No)), Now).Event);
        Assert.Null(Decider().Process(Result(Item("a@far.example"), (0, No)), Now).Event);
    }

    [Fact]
    public void A_long_reply_is_cut_before_it_is_stored()
    {
        var item = Queue(Item("a@far.example"));
        var happened = Decider().Process(Result(item, (0, Later with { Text = new string('x', 100_000) })), Now).Event;
        Assert.Equal(Limits.Default.RemoteReply, Assert.IsType<QueueEvent.Attempted>(happened).Results[0].Reply.Text.Length);
    }

    /// <summary>Every change × a message that is held, is not held, and has no waiting recipient.</summary>
    [Theory]
    [InlineData(QueueChange.Retry, false, true, QueueChangeOutcome.Changed, false)]
    [InlineData(QueueChange.Retry, true, true, QueueChangeOutcome.Held, null)]
    [InlineData(QueueChange.Retry, false, false, QueueChangeOutcome.NothingWaits, false)]
    [InlineData(QueueChange.Hold, false, true, QueueChangeOutcome.Changed, true)]
    [InlineData(QueueChange.Hold, true, true, QueueChangeOutcome.Held, null)]
    [InlineData(QueueChange.Release, true, true, QueueChangeOutcome.Changed, false)]
    [InlineData(QueueChange.Release, false, true, QueueChangeOutcome.NotHeld, null)]
    internal void A_change_is_answered_with_what_it_did(QueueChange change, bool isHeld, bool waits, QueueChangeOutcome outcome, bool? rescheduledHeld)
    {
        var item = Item("a@far.example");
        if (!waits) item = item with { Recipients = [.. item.Recipients.Select(static r => r with { State = RecipientState.Failed })] };
        item = Queue(item with { IsHeld = isHeld });
        var expected = new QueueDecision(
            rescheduledHeld is { } held ? new QueueEvent.Rescheduled(item.Message, Now, held) : null, new QueueProtocol.Changed(outcome, waits ? item.Recipients.Count : 0));
        Assert.Equal(expected, Decider().Process(new QueueProtocol.Change(item.Message, change), Now));
    }

    [Fact]
    public void Every_change_of_an_unknown_message_is_answered_as_not_found()
    {
        foreach (var change in Enum.GetValues<QueueChange>())
            Assert.Equal(new QueueDecision(null, new QueueProtocol.Changed(QueueChangeOutcome.NotQueued, 0)), Decider().Process(new QueueProtocol.Change(NewId(), change), Now));
    }

    [Fact]
    public void A_message_without_content_fails_for_the_recipients_that_still_wait()
    {
        var item = Queue(Item("a@far.example", "b@far.example"));
        _state.Apply(Decider().Process(Result(item, (0, Ok)), Now).Event!);
        var results = Assert.IsType<QueueEvent.Attempted>(Decider().GiveUp(item.Message, Now).Event).Results;
        Assert.Equal((1, RecipientState.Failed), (Assert.Single(results).Recipient, results[0].State));
    }

    [Fact]
    public void A_notice_is_recorded_only_when_it_was_sent()
    {
        var message = Queue(Item("a@far.example")).Message;
        Assert.IsType<QueueEvent.NoticeSent>(Decider().Process(new NoticeProtocol.NoticeFinished(message, default, [0], true)).Event);
        Assert.Null(Decider().Process(new NoticeProtocol.NoticeFinished(message, default, [0], false)).Event);
    }

    [Fact]
    public void The_next_check_is_at_the_next_attempt_but_never_beyond_the_schedule()
    {
        var item = Item("a@far.example");
        Assert.Null(Decider().NextCheck(item, null, isCrowded: false, Now));
        Assert.Equal(Now.AddMinutes(3), Decider().NextCheck(item, Now.AddMinutes(3), isCrowded: false, Now));
        Assert.InRange(Decider().NextCheck(item, Now.AddYears(10), isCrowded: false, Now)!.Value, Now, Now + _schedule.LongestWait(item));
        Assert.InRange(Decider().NextCheck(item, Now.AddHours(1), isCrowded: true, Now)!.Value, Now, Now.AddMinutes(1));
        var deadline = item with { DeliverBy = new DeliverBy(Now.AddMinutes(2), Return: true, Trace: false) };
        Assert.Equal(Now.AddMinutes(2), Decider().NextCheck(deadline, Now.AddMinutes(3), isCrowded: false, Now));
    }

    private static SpoolId NewId() => SpoolId.New(Now, 1, Interlocked.Increment(ref Ids), "a");

    private static DestinationProtocol.Result Result(QueueItem item, params (int, SmtpReply)[] replies) => new("far.example", item.Message, "mx.far.example", "", replies);

    private static QueueItem Item(params string[] recipients) => QueueTestNode.Item(NewId(), recipients) with { QueuedAt = Now };

    private QueueItem Queue(QueueItem item) => _state.Apply(new QueueEvent.Queued(item))!;

    private QueueDecider Decider(Limits? limits = null) => new(_state, limits ?? Limits.Default, _schedule);
}

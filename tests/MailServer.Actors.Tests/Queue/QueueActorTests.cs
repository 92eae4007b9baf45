using System.Diagnostics;
using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using Xunit.Abstractions;

namespace MailServer.Actors.Tests.Queue;

/// <summary>What the queue guarantees across restarts: each test may stop the actor system and start another one in the same folder.</summary>
public sealed class QueueActorTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly QueueTestNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Acknowledged_messages_keep_their_attempts_and_file_over_a_restart()
    {
        SpoolId message;
        using (var kit = QueueTestKit.Begin(_node))
        {
            var item = QueueTestNode.Spooled(kit.Spool, "b@far.example", "c@far.example");
            message = item.Message;
            Assert.True(await kit.EnqueueAsync(item));
            await kit.UntilAsync(items => items is [{ Recipients: [{ Attempts: 1 }, { Attempts: 1 }] }]);
        }

        using var second = QueueTestKit.Begin(_node);
        var recovered = Assert.Single(await second.ListAsync());
        Assert.Equal(message, recovered.Message);
        Assert.All(recovered.Recipients, r => Assert.Equal((RecipientState.Waiting, 1, "4.4.1"), (r.State, r.Attempts, r.LastAttempt!.Reply.EnhancedCode)));
        Assert.Equal([message], second.Spool.List());
    }

    [Fact]
    public async Task A_message_that_cannot_be_journaled_is_refused_at_once_and_keeps_its_file()
    {
        using var kit = QueueTestKit.Begin(_node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example"));
        _node.BreakJournal(true);
        var item = QueueTestNode.Spooled(kit.Spool, "c@far.example");
        var answer = await kit.Queue.Ask<object>(new QueueProtocol.Enqueue(item), TimeSpan.FromMinutes(1));
        Assert.Equal(item.Message, Assert.IsType<QueueProtocol.Unavailable>(answer).Message);
        Assert.Contains(item.Message, kit.Spool.List());
        _node.BreakJournal(false);
        await Until(async () =>
            await kit.Queue.Ask<object>(new QueueProtocol.Enqueue(item), TimeSpan.FromMinutes(1)) is QueueProtocol.Enqueued { Taken: true });
    }

    [Fact]
    public async Task Mail_deferred_by_a_clock_ten_years_ahead_is_tried_once_the_clock_is_corrected()
    {
        var clock = new Access.SettableWallClock { Now = DateTimeOffset.UtcNow.AddYears(10) };
        using var node = new QueueTestNode { Time = clock };
        using (var kit = QueueTestKit.Begin(node))
        {
            await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example") with { QueuedAt = clock.Now });
            await kit.UntilAsync(items => items is [{ Recipients: [{ Attempts: 1 }] }]);
            Assert.True((await kit.ListAsync())[0].Recipients[0].NextAttempt > clock.Now);
        }

        clock.Now = DateTimeOffset.UtcNow;
        using var second = QueueTestKit.Begin(node);
        await second.UntilAsync(items => items is [{ Recipients: [{ Attempts: 2 }] }]);
        Assert.InRange((await second.ListAsync())[0].Recipients[0].NextAttempt, clock.Now, clock.Now.AddHours(5));
    }

    [Fact]
    public void A_clock_that_was_set_back_makes_the_whole_due_list_due()
    {
        var (list, now) = (new DueList(), DateTimeOffset.UtcNow);
        list.Rewind(now.AddYears(10));
        list.Add(new SpoolId("1"), now.AddYears(10).AddMinutes(5));
        Assert.False(list.TryTake(now.AddYears(10), out _));
        list.Rewind(now);
        Assert.True(list.TryTake(now, out var taken));
        Assert.Equal(new SpoolId("1"), taken);
        Assert.Null(list.Next);
    }

    [Fact]
    public async Task A_message_whose_file_is_missing_fails_with_a_bounce()
    {
        using (var kit = QueueTestKit.Begin(_node))
        {
            var item = QueueTestNode.Spooled(kit.Spool, "b@far.example");
            await kit.EnqueueAsync(item);
            await kit.ChangeAsync(item.Message, QueueChange.Hold);
            File.Delete(Path.Combine(_node.SpoolFolder, item.Message.Value));
        }

        using var second = QueueTestKit.Begin(_node);
        var notice = second.Router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
        Assert.Null(notice.Transaction.Sender);
        Assert.Equal([QueueTestNode.Sender], notice.Transaction.Recipients);
        second.Router.Reply(new SmtpReply(250, "2.0.0", "ok"));
        await second.UntilAsync(items => items.Count == 0);
    }

    [Fact]
    public async Task A_message_out_of_retries_bounces_and_its_file_is_removed()
    {
        using var node = new QueueTestNode { Schedule = new RetrySchedule { MaxRetries = 1, First = TimeSpan.FromMilliseconds(50) } };
        using var kit = QueueTestKit.Begin(node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example"));
        kit.Router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
        Assert.Single(kit.Spool.List());
        kit.Router.Reply(new SmtpReply(250, "2.0.0", "ok"));
        await Until(() => Task.FromResult(kit.Spool.List().Count == 0));
        Assert.Empty(await kit.ListAsync());
    }

    [Fact]
    public async Task An_undeliverable_bounce_does_not_bounce()
    {
        using var node = new QueueTestNode { Schedule = new RetrySchedule { MaxRetries = 0 } };
        using var kit = QueueTestKit.Begin(node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example") with { Sender = null });
        await Until(() => Task.FromResult(kit.Spool.List().Count == 0));
        kit.Router.ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task The_sender_of_a_delayed_message_is_notified_once()
    {
        using var node = new QueueTestNode { Schedule = new RetrySchedule { DelayNotice = TimeSpan.FromMilliseconds(1), First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromMilliseconds(50), MaxRetries = 100_000 } };
        using var kit = QueueTestKit.Begin(node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example"));
        kit.Router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
        kit.Router.Reply(new SmtpReply(250, "2.0.0", "ok"));
        await kit.UntilAsync(items => items is [{ Recipients: [{ Attempts: > 4, DelayNotified: true }] }]);
        kit.Router.ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_held_message_waits_a_released_one_is_sent_and_a_deleted_one_is_removed_with_its_file()
    {
        using var kit = QueueTestKit.Begin(_node);
        var item = QueueTestNode.Spooled(kit.Spool, "b@far.example") with { IsHeld = true };
        await kit.EnqueueAsync(item);
        Assert.Equal(0, Assert.Single(await kit.ListAsync()).Recipients[0].Attempts);
        Assert.True(await kit.ChangeAsync(item.Message, QueueChange.Release));
        await kit.UntilAsync(items => items is [{ Recipients: [{ Attempts: 1 }] }]);
        Assert.True(await kit.ChangeAsync(item.Message, QueueChange.Retry));
        await kit.UntilAsync(items => items is [{ Recipients: [{ Attempts: 2 }] }]);
        Assert.True(await kit.ChangeAsync(item.Message, QueueChange.Delete));
        Assert.Empty(await kit.ListAsync());
        Assert.Empty(kit.Spool.List());
        Assert.False(await kit.ChangeAsync(item.Message, QueueChange.Retry));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Many_messages_share_one_flush_and_snapshots_shorten_a_long_journal()
    {
        const int Messages = 5_000;
        var watch = new Stopwatch();
        using (var kit = QueueTestKit.Begin(_node))
        {
            await kit.EnqueueAsync(Held(0));
            watch.Start();
            var answers = Enumerable.Range(1, Messages - 1).Select(n => kit.EnqueueAsync(Held(n))).ToArray();
            Assert.All(await Task.WhenAll(answers), Assert.True);
            output.WriteLine($"{Messages / watch.Elapsed.TotalSeconds:F0} messages a second were made durable");
            foreach (var n in Enumerable.Range(0, 16 * 2_100)) kit.Queue.Tell(new QueueProtocol.Change(new SpoolId($"m{n % 1_000}"), QueueChange.Hold), ActorRefs.NoSender);
            Assert.Equal(Messages, await kit.CountAsync());
            // Messages without files would count as finished.
            for (var n = 0; n < Messages; n++) await File.WriteAllTextAsync(Path.Combine(_node.SpoolFolder, $"m{n}"), "");
        }

        watch.Restart();
        using var second = QueueTestKit.Begin(_node);
        Assert.Equal(Messages, await second.CountAsync());
        output.WriteLine($"recovered in {watch.Elapsed.TotalSeconds:F1} s");
    }

    private static QueueItem Held(int n) => QueueTestNode.Item(new SpoolId($"m{n}"), "b@far.example") with { IsHeld = true, Sender = null };

    private static Task Until(Func<Task<bool>> condition) => QueueTestKit.Until(condition);
}

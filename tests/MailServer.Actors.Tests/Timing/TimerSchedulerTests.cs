using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Timing;

namespace MailServer.Actors.Tests.Timing;

/// <summary>The actor system with the scheduler that the server configures.</summary>
public sealed class TimerSchedulerTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public TimerSchedulerTests()
        : base(ConfigurationFactory.ParseString($"akka.scheduler.implementation = \"{typeof(TimerScheduler).FullName}, MailServer.Actors\""))
    {
    }

    [Fact]
    public void The_actor_system_uses_this_scheduler() => Assert.IsType<TimerScheduler>(Sys.Scheduler);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(11_000)]
    public void A_one_time_timer_fires_once_and_not_early(int milliseconds)
    {
        var started = Stopwatch.GetTimestamp();
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(milliseconds), TestActor, "due", ActorRefs.NoSender);
        ExpectMsg("due", Patience);
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(milliseconds));
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void No_one_time_timer_fires_early()
    {
        var earliest = new ConcurrentQueue<TimeSpan>();
        for (var i = 0; i < 500; i++)
        {
            var delay = TimeSpan.FromMilliseconds(i % 100 + i % 7 / 7.0);
            var started = Stopwatch.GetTimestamp();
            Sys.Scheduler.Advanced.ScheduleOnce(delay, () => earliest.Enqueue(Stopwatch.GetElapsedTime(started) - delay));
        }

        AwaitCondition(() => earliest.Count == 500, Patience);
        Assert.True(earliest.Min() >= TimeSpan.Zero, $"{earliest.Min().TotalMilliseconds} ms");
    }

    [Theory]
    [InlineData(20)]
    [InlineData(1_000)]
    public void A_periodic_timer_fires_until_it_is_cancelled(int milliseconds)
    {
        var interval = TimeSpan.FromMilliseconds(milliseconds);
        var started = Stopwatch.GetTimestamp();
        var cancelable = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(interval, interval, TestActor, "tick", ActorRefs.NoSender);
        for (var i = 0; i < 3; i++) ExpectMsg("tick", Patience);
        Assert.True(Stopwatch.GetElapsedTime(started) >= interval * 3 - TimeSpan.FromMilliseconds(5));
        cancelable.Cancel();
        // One tick may have been in flight.
        ReceiveWhile(TimeSpan.FromMilliseconds(300), static m => m, msgs: 1);
        ExpectNoMsg(interval + TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void A_timer_cancelled_before_its_due_time_never_fires()
    {
        for (var i = 0; i < 100; i++) Sys.Scheduler.ScheduleTellOnceCancelable(TimeSpan.FromMilliseconds(200), TestActor, "due", ActorRefs.NoSender).Cancel();
        ExpectNoMsg(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void Work_that_throws_runs_again_at_the_next_interval()
    {
        var times = new ConcurrentQueue<int>();
        using var cancelable = new Cancelable(Sys.Scheduler);
        Sys.Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.FromMilliseconds(10), () =>
        {
            times.Enqueue(0);
            throw new InvalidOperationException("work");
        }, cancelable);
        AwaitCondition(() => times.Count >= 3, Patience);
        cancelable.Cancel();
    }

    [Fact]
    public void Timers_with_long_intervals_fire_together()
    {
        var arrivals = new ConcurrentQueue<long>();
        using var cancelable = new Cancelable(Sys.Scheduler);
        for (var i = 0; i < 200; i++)
        {
            Sys.Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.FromSeconds(1 + i / 200.0), TimeSpan.FromSeconds(1), () => arrivals.Enqueue(Stopwatch.GetTimestamp()), cancelable);
        }

        AwaitCondition(() => arrivals.Count >= 600, Patience);
        cancelable.Cancel();
        // Two hundred phases, a few wake-ups per second: gaps of more than 0.2 s mark the seconds of the grid.
        var sorted = arrivals.Order().ToArray();
        var gaps = Enumerable.Range(1, sorted.Length - 1).Count(i => Stopwatch.GetElapsedTime(sorted[i - 1], sorted[i]) > TimeSpan.FromMilliseconds(200));
        Assert.InRange(gaps, 2, 6);
    }

    [Fact]
    public void Timers_at_intervals_of_many_seconds_come_together_though_they_began_at_different_seconds()
    {
        var arrivals = new ConcurrentQueue<long>();
        using var cancelable = new Cancelable(Sys.Scheduler);
        for (var i = 0; i < 40; i++)
            Sys.Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.FromSeconds(i / 10.0), TimeSpan.FromSeconds(10), () => arrivals.Enqueue(Stopwatch.GetTimestamp()), cancelable);
        AwaitCondition(() => arrivals.Count >= 40, Patience);
        cancelable.Cancel();
        // Forty phases over four seconds cross one point of the grid at most.
        var sorted = arrivals.Take(40).Order().ToArray();
        Assert.InRange(Enumerable.Range(1, sorted.Length - 1).Count(i => Stopwatch.GetElapsedTime(sorted[i - 1], sorted[i]) > TimeSpan.FromMilliseconds(700)), 0, 1);
    }
}

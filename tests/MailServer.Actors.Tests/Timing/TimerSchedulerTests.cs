using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Timing;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Actors.Tests.Timing;

/// <summary>The actor system with the scheduler that the server configures.</summary>
[Trait("Speed", "Slow")]
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
        // Ticks may have been on their way, on a busy machine several.
        ReceiveWhile(TimeSpan.FromMilliseconds(300), static m => m);
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

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public void A_one_time_timer_of_many_seconds_fires_at_the_next_whole_second(int began)
    {
        var fired = Run(began, TimeSpan.FromSeconds(20), static (scheduler, work) => scheduler.ScheduleOnce(TimeSpan.FromMilliseconds(11_100), work));
        Assert.Equal([TimeSpan.FromSeconds(12)], fired);
    }

    [Fact]
    public void Timers_with_long_intervals_fire_together()
    {
        var fired = Run(0, TimeSpan.FromSeconds(4.5), static (scheduler, work) =>
        {
            for (var i = 0; i < 200; i++) scheduler.ScheduleRepeatedly(TimeSpan.FromSeconds(1 + i / 200.0), TimeSpan.FromSeconds(1), work);
        });
        Assert.Equal([1, 2, 3, 4], fired.Distinct().Select(static t => t.TotalSeconds));
        // One of them is due at the first second, all of them are at each further one.
        Assert.Equal(1 + 3 * 200, fired.Count);
    }

    [Theory]
    [InlineData(0, new[] { 0.0, 5, 10, 15 })]
    [InlineData(3_000, new[] { 5.0, 10, 15, 20 })]
    [InlineData(5_500, new[] { 10.0, 20 })]
    public void Timers_at_intervals_of_many_seconds_come_together_though_they_began_at_different_seconds(int began, double[] seconds)
    {
        // Forty phases over four seconds cross one point of the grid at most.
        var fired = Run(began, TimeSpan.FromSeconds(22), static (scheduler, work) =>
        {
            for (var i = 0; i < 40; i++) scheduler.ScheduleRepeatedly(TimeSpan.FromSeconds(i / 10.0), TimeSpan.FromSeconds(10), work);
        });
        Assert.Equal(seconds, fired.Distinct().Select(static t => t.TotalSeconds).TakeWhile(t => t <= seconds[^1]));
        Assert.InRange(fired.Count, 80, 100);
    }

    /// <summary>The times at which the timers of a scheduler fire, by a clock that the test turns.</summary>
    /// <param name="began">The age of the scheduler, in milliseconds, when the timers are set.</param>
    /// <param name="end">Its age at the end.</param>
    /// <param name="schedule">Sets the timers.</param>
    private List<TimeSpan> Run(int began, TimeSpan end, Action<IActionScheduler, Action> schedule)
    {
        var time = new FakeTimeProvider();
        using var scheduler = new TimerScheduler(Sys.Settings.Config, Sys.Log, time);
        var fired = new List<TimeSpan>();
        time.Advance(TimeSpan.FromMilliseconds(began));
        schedule(((IScheduler)scheduler).Advanced, () => fired.Add(scheduler.MonotonicClock));
        while (scheduler.MonotonicClock < end) time.Advance(TimeSpan.FromMilliseconds(10));
        return fired;
    }
}

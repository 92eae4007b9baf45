using System.Collections.Concurrent;
using System.Security;
using System.Security.Cryptography;
using MailServer.Domain.Timing;

namespace MailServer.Domain.Tests.Timing;

/// <summary>The common implementation of periodic work: its reaction to a failure does not depend on the type of the failure.</summary>
public sealed class PeriodicWorkTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public static TheoryData<Exception> Failures =>
    [
        new IOException("disk"), new UnauthorizedAccessException("root's"), new InvalidDataException("damaged"), new CryptographicException("no key"),
        new FormatException("damaged"), new InvalidOperationException("bug"), new InvalidCastException("bug"), new OperationCanceledException("late"),
        new TimeoutException("late"), new HttpRequestException("network"), new SecurityException("policy"), new ObjectDisposedException("gone"),
        new AggregateException(new IOException("disk")), new InsufficientMemoryException("small"),
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_of_any_type_backs_off(Exception failure)
    {
        var (time, runs, told) = (new SteppedTime(), 0, new List<TimeSpan>());
        using var work = new PeriodicWork(Interval, new ExponentialBackoff(Interval, Interval * 32), () => Fail(ref runs, failure), (_, pause) => told.Add(pause), time);
        time.Advance(TimeSpan.FromHours(1));
        // 10, 20, 40, 80, 160, 320, 320 ... of 3,600 seconds, each up to a fifth shorter; without the back-off there would be 360.
        Assert.InRange(runs, 14, 20);
        Assert.Equal(runs, told.Count);
        Assert.All(told.Skip(6), p => Assert.InRange(p, Interval * 32 * 0.8, Interval * 32));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Ticks_of_an_actor_are_ignored_while_a_failure_backs_off(Exception failure)
    {
        var (time, runs, told) = (new SteppedTime(), 0, 0);
        var work = new BackoffRunner(new ExponentialBackoff(Interval, Interval * 32), (_, _) => told++, time);
        for (var second = 0; second < 3_600; second++)
        {
            work.TryRun(() => Fail(ref runs, failure));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(runs, 14, 20);
        Assert.Equal(runs, told);
    }

    [Fact]
    public void After_a_success_the_interval_is_the_usual_one()
    {
        var (time, runs, isFailing) = (new SteppedTime(), 0, true);
        using var work = new PeriodicWork(Interval, new ExponentialBackoff(Interval, Interval * 32), () => Fail(ref runs, isFailing ? new IOException() : null), (_, _) => { }, time);
        time.Advance(TimeSpan.FromMinutes(30));
        isFailing = false;
        time.Advance(TimeSpan.FromMinutes(6));
        runs = 0;
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.InRange(runs, 59, 61);
    }

    [Fact]
    public async Task Long_work_does_not_overlap_with_itself_and_is_cancelled_on_stop()
    {
        var (time, running, most) = (new SteppedTime(), 0, 0);
        var stopped = new ConcurrentQueue<bool>();
        var work = new PeriodicWork(
            Interval,
            new ExponentialBackoff(Interval, Interval),
            async cancel =>
            {
                most = Math.Max(most, ++running);
                await Task.Delay(Timeout.InfiniteTimeSpan, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                running--;
                stopped.Enqueue(cancel.IsCancellationRequested);
            },
            (_, _) => { },
            time);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((1, 1), (running, most));
        work.Dispose();
        for (var i = 0; i < 1_000 && stopped.IsEmpty; i++) await Task.Delay(10);
        Assert.Equal([true], stopped);
    }

    private static void Fail(ref int runs, Exception? failure)
    {
        runs++;
        if (failure is not null) throw failure;
    }

    [Fact]
    public void Disposing_twice_does_nothing_more()
    {
        var work = new PeriodicWork(TimeSpan.FromSeconds(1), new ExponentialBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), static () => { }, static (_, _) => { }, TimeProvider.System);
        work.Dispose();
        work.Dispose();
    }
}

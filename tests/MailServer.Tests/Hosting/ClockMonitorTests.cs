using MailServer.Domain.Health;
using MailServer.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Tests.Hosting;

/// <summary>Reports to the administrator about clock changes.</summary>
public sealed class ClockMonitorTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clock");
    private readonly NodeProblems _problems = new();
    private readonly Clock _clock = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(3_650 * 24 * 60, "forward")]
    [InlineData(6, "forward")]
    [InlineData(-6, "back")]
    [InlineData(-60 * 365 * 24 * 60, "back")]
    [InlineData(4, null)]
    [InlineData(-4, null)]
    public void A_clock_jump_is_reported_for_a_day(int minutes, string? direction)
    {
        using var watch = Watch();
        _clock.Pass(TimeSpan.FromMinutes(10));
        Assert.Empty(_problems.Current);
        _clock.Jump(TimeSpan.FromMinutes(minutes));
        _clock.Pass(TimeSpan.FromMinutes(10));
        if (direction is null)
        {
            Assert.Empty(_problems.Current);
            return;
        }

        var problem = Assert.Single(_problems.Current);
        Assert.Equal(ClockMonitor.Subject, problem.Subject);
        Assert.Contains(direction, problem.Text, StringComparison.Ordinal);
        _clock.Pass(TimeSpan.FromHours(23));
        Assert.Single(_problems.Current);
        _clock.Pass(TimeSpan.FromHours(2));
        Assert.Empty(_problems.Current);
    }

    [Fact]
    public void Files_dated_in_the_future_reveal_at_start_that_the_clock_was_set_back()
    {
        var file = Path.Combine(_folder.FullName, "access.db");
        File.WriteAllText(file, "");
        File.SetLastWriteTimeUtc(file, _clock.GetUtcNow().UtcDateTime.AddYears(10));
        using (Watch()) Assert.Contains(_folder.FullName, Assert.Single(_problems.Current).Text, StringComparison.Ordinal);
    }

    private ClockMonitor Watch() => new(_folder.FullName, _problems, _clock, NullLogger<ClockMonitor>.Instance);

    /// <summary>A wall clock that can jump and a monotonic clock that cannot; timers fire when time passes.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly List<Timer> _timers = [];
        private DateTimeOffset _wall = new(2026, 11, 29, 0, 0, 0, TimeSpan.Zero);
        private TimeSpan _monotonic;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _monotonic.Ticks;

        public void Jump(TimeSpan by) => _wall += by;

        public void Pass(TimeSpan by)
        {
            var until = _monotonic + by;
            while (_timers.Where(t => t.Due <= until).MinBy(t => t.Due) is { } next)
            {
                _wall += next.Due!.Value - _monotonic;
                _monotonic = next.Due.Value;
                next.Fire();
            }

            _wall += until - _monotonic;
            _monotonic = until;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(this, () => callback(state));
            timer.Change(dueTime, period);
            _timers.Add(timer);
            return timer;
        }

        private sealed class Timer(Clock clock, Action fire) : ITimer
        {
            public TimeSpan? Due { get; private set; }

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._monotonic + dueTime;
                return true;
            }

            public void Fire()
            {
                Due = null;
                fire();
            }

            public void Dispose() => clock._timers.Remove(this);

            public ValueTask DisposeAsync()
            {
                Dispose();
                return default;
            }
        }
    }
}

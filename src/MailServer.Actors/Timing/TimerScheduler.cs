using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace MailServer.Actors.Timing;

/// <summary>
/// The scheduler of the actor system (<c>akka.scheduler.implementation</c>). Each entry is a runtime timer, so the process wakes up only when something is
/// due, not on every tick of a timer wheel. Entries with long intervals fire at common points in time, many in one wake-up: at whole seconds for intervals
/// of one second or more, at every fifth second for five seconds or more. Short delays are as exact as the runtime's timers (about a millisecond).
/// </summary>
public sealed class TimerScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider, IDisposable
{
    // One more second does not matter after a wait this long.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    // Aligning an interval to the grid changes only its phase, not its length.
    private static readonly TimeSpan Grid = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CoarseGrid = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private volatile bool _isStopped;

    /// <summary>Constructor used by the actor system.</summary>
    public TimerScheduler(Config config, ILoggingAdapter log)
        : this(config, log, TimeProvider.System)
    {
    }

    internal TimerScheduler(Config config, ILoggingAdapter log, TimeProvider time)
        : base(config, log)
    {
        _time = time;
        _startedAt = time.GetTimestamp();
    }

    public override TimeSpan MonotonicClock => _time.GetElapsedTime(_startedAt);

    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    protected override DateTimeOffset TimeNow => _time.GetUtcNow();

    public void Dispose() => _isStopped = true;

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Start(delay, Timeout.InfiniteTimeSpan, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Start(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Start(delay, Timeout.InfiniteTimeSpan, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable)
    {
        ArgumentNullException.ThrowIfNull(action);
        Start(delay, Timeout.InfiniteTimeSpan, action.Run, cancelable);
    }

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Start(initialDelay, interval, action, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable)
    {
        ArgumentNullException.ThrowIfNull(action);
        Start(initialDelay, interval, action.Run, cancelable);
    }

    private void Start(TimeSpan delay, TimeSpan interval, Action work, ICancelable? cancelable)
    {
        if (_isStopped) throw new SchedulerException("the actor system has stopped");
        if (cancelable is { IsCancellationRequested: true }) return;
        var due = MonotonicClock + delay;
        if (interval >= CoarseGrid) due = OnGrid(due, CoarseGrid);
        else if (delay >= Long || interval >= Grid) due = OnGrid(due, Grid);
        new Entry(this, work, due, interval, cancelable).Begin();
    }

    private static TimeSpan OnGrid(TimeSpan due, TimeSpan grid) => grid * Math.Ceiling(due / grid);

    private sealed class Entry(TimerScheduler scheduler, Action work, TimeSpan due, TimeSpan interval, ICancelable? cancelable)
    {
        private readonly ICancelable? _cancelable = cancelable;
        private ITimer? _timer;
        private CancellationTokenRegistration _cancelled;
        private TimeSpan _due = due;

        public void Begin()
        {
            // The caller's execution context (activities, async locals) must not flow into the timer.
            using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            {
                _timer = scheduler._time.CreateTimer(static entry => ((Entry)entry!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                if (_cancelable is not null) _cancelled = _cancelable.Token.UnsafeRegister(static entry => ((Entry)entry!).End(), this);
            }

            Arm();
        }

        private void Fire()
        {
            if (scheduler._isStopped || _cancelable is { IsCancellationRequested: true })
            {
                End();
                return;
            }

            // The runtime's timers count in milliseconds of a coarse clock, so they can fire a few milliseconds early. A periodic entry keeps its phase anyway.
            if (interval == Timeout.InfiniteTimeSpan && scheduler.MonotonicClock < _due)
            {
                Arm();
                return;
            }

            try
            {
                work();
            }
            catch (Exception e)
            {
                scheduler.Log.Error(e, "Scheduled work failed");
            }

            if (interval == Timeout.InfiniteTimeSpan)
            {
                End();
                return;
            }

            // Ticks missed while the process was suspended are not made up.
            var late = scheduler.MonotonicClock - _due;
            _due += late < interval ? interval : interval * Math.Floor(late / interval + 1);
            Arm();
        }

        private void Arm()
        {
            var wait = _due - scheduler.MonotonicClock;
            _timer!.Change(wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        private void End()
        {
            _timer!.Dispose();
            _cancelled.Unregister();
        }
    }
}

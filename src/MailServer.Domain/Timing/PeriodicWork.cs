namespace MailServer.Domain.Timing;

/// <summary>
/// Runs work again and again on the thread pool: an interval after each success, and after a failure of any type when its back-off says so. The
/// work never overlaps with itself, and nothing that it throws ends it or the process.
/// </summary>
public sealed class PeriodicWork : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly TimeSpan _interval;
    private readonly BackOff _backOff;
    private readonly Func<CancellationToken, Task> _work;
    private readonly Action<Exception, TimeSpan> _failed;
    private readonly ITimer _timer;

    /// <param name="interval">From the end of one run, or from now, to the begin of the next.</param>
    /// <param name="backOff">The pauses after failures; not shared with other work.</param>
    /// <param name="work">The work; its token is cancelled when this is disposed.</param>
    /// <param name="failed">Called with each failure and the pause that follows it.</param>
    /// <param name="time">The clock.</param>
    public PeriodicWork(TimeSpan interval, BackOff backOff, Func<CancellationToken, Task> work, Action<Exception, TimeSpan> failed, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_interval, _backOff, _work, _failed, _stopped) = (interval, backOff, work, failed, _stop.Token);
        _timer = time.CreateTimer(static state => _ = ((PeriodicWork)state!).RunAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>For work that does not wait.</summary>
    public PeriodicWork(TimeSpan interval, BackOff backOff, Action work, Action<Exception, TimeSpan> failed, TimeProvider time)
        : this(interval, backOff, _ => Done(work), failed, time)
    {
    }

    public void Dispose()
    {
        _stop.Cancel();
        _timer.Dispose();
        _stop.Dispose();
    }

    private static Task Done(Action work)
    {
        work();
        return Task.CompletedTask;
    }

    private async Task RunAsync()
    {
        var pause = _interval;
        try
        {
            await _work(_stopped);
            _backOff.Reset();
        }
        catch (Exception e)
        {
            if (_stopped.IsCancellationRequested) return;
            pause = _backOff.Next();
            _failed(e, pause);
        }

        if (!_stopped.IsCancellationRequested) _timer.Change(pause, Timeout.InfiniteTimeSpan);
    }
}

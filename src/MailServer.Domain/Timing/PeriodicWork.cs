namespace MailServer.Domain.Timing;

/// <summary>
/// Runs a task repeatedly on the thread pool: after a fixed interval following a success, and after the back-off
/// delay following an exception of any type. Runs never overlap, and no exception ends the repetition or the process.
/// </summary>
public sealed class PeriodicWork : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly TimeSpan _interval;
    private readonly ExponentialBackoff _backOff;
    private readonly Func<CancellationToken, Task> _work;
    private readonly Action<Exception, TimeSpan> _failed;
    private readonly ITimer _timer;

    /// <param name="interval">Time from the end of a run to the start of the next one, and before the first run.</param>
    /// <param name="backOff">Delays after failures; not shared with other tasks.</param>
    /// <param name="work">The task; its token is cancelled on disposal.</param>
    /// <param name="failed">Called with each exception and the delay that follows.</param>
    /// <param name="time">Time source.</param>
    public PeriodicWork(TimeSpan interval, ExponentialBackoff backOff, Func<CancellationToken, Task> work, Action<Exception, TimeSpan> failed, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_interval, _backOff, _work, _failed, _stopped) = (interval, backOff, work, failed, _stop.Token);
        _timer = time.CreateTimer(static state => _ = ((PeriodicWork)state!).RunAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Creates a periodic task from a synchronous action.</summary>
    public PeriodicWork(TimeSpan interval, ExponentialBackoff backOff, Action work, Action<Exception, TimeSpan> failed, TimeProvider time)
        : this(interval, backOff, _ => Done(work), failed, time)
    {
    }

    public void Dispose()
    {
        if (_stop.IsCancellationRequested) return;
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

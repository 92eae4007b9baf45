namespace MailServer.Domain.Timing;

/// <summary>
/// Runs work that an external timer triggers, such as that of an actor. After an exception of any
/// type, triggers are ignored until the back-off delay has passed (monotonic clock). Not thread-safe.
/// </summary>
/// <param name="backOff">Delays after failures; not shared with other work.</param>
/// <param name="failed">Called with each exception and the delay that follows.</param>
/// <param name="time">Time source.</param>
public sealed class BackoffRunner(ExponentialBackoff backOff, Action<Exception, TimeSpan> failed, TimeProvider time)
{
    private long _failedAt;
    private TimeSpan _pause;

    /// <summary>True during the delay after a failure.</summary>
    public bool IsPaused => _pause > TimeSpan.Zero && time.GetElapsedTime(_failedAt) < _pause;

    /// <summary>Runs the work unless it is paused.</summary>
    /// <returns>True if the work completed.</returns>
    public bool TryRun(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (IsPaused) return false;
        try
        {
            work();
            backOff.Reset();
            _pause = TimeSpan.Zero;
            return true;
        }
        catch (Exception e)
        {
            _failedAt = time.GetTimestamp();
            _pause = backOff.Next();
            failed(e, _pause);
            return false;
        }
    }
}

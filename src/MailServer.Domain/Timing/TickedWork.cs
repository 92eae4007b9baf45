namespace MailServer.Domain.Timing;

/// <summary>
/// Work that somebody else's tick does, such as an actor's timer: after a failure of any type the ticks do nothing until the pause of the back-off
/// is over. Measured by the monotonic clock. Not safe for use from several threads at once.
/// </summary>
/// <param name="backOff">The pauses after failures; not shared with other work.</param>
/// <param name="failed">Called with each failure and the pause that follows it.</param>
/// <param name="time">The clock.</param>
public sealed class TickedWork(BackOff backOff, Action<Exception, TimeSpan> failed, TimeProvider time)
{
    private long _failedAt;
    private TimeSpan _pause;

    /// <summary>True while the pause after a failure is not over.</summary>
    public bool IsPaused => _pause > TimeSpan.Zero && time.GetElapsedTime(_failedAt) < _pause;

    /// <summary>Does the work unless it is paused.</summary>
    /// <returns>True when it was done.</returns>
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

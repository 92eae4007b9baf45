namespace MailServer.Domain.Delivery;

/// <summary>
/// When a recipient that could not be reached is tried again: the first time after minutes, then each time after twice as long, up to
/// <see cref="Longest"/>; with jitter, so that what failed together does not come back together (RFC 5321 §4.5.4.1).
/// </summary>
public sealed record RetrySchedule
{
    // How far the jitter may move an interval, both ways.
    private const double Spread = 0.2;
    private const int LargestExponent = 30;

    public TimeSpan First { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan Longest { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Attempts after the first one (<c>queue.max_retries</c>).</summary>
    public int MaxRetries { get; init; } = 30;

    /// <summary>Age after which a message is given up (<c>queue.retry_max_age</c>).</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(5);

    /// <summary>Age after which its sender is told of the delay (RFC 5321 §4.5.4.1).</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);

    /// <summary>No next attempt of a message is further away than this, unless a wrong clock put it there.</summary>
    public TimeSpan LongestWait(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var interval = (Longest > First ? Longest : First) * (1 + Spread);
        var hold = item.StartsAt - item.QueuedAt;
        return hold > interval ? hold : interval;
    }

    /// <summary>The time of the next attempt; null when it is time to give up.</summary>
    /// <param name="queuedAt">When the message was accepted.</param>
    /// <param name="now">The end of the last attempt.</param>
    /// <param name="attempts">Attempts made, at least one.</param>
    /// <param name="jitter">A random number from 0 to 1.</param>
    public DateTimeOffset? Next(DateTimeOffset queuedAt, DateTimeOffset now, int attempts, double jitter)
    {
        if (attempts > MaxRetries || now - queuedAt >= MaxAge) return null;
        var interval = First * Math.Pow(2, Math.Clamp(attempts - 1, 0, LargestExponent));
        if (interval > Longest) interval = Longest;
        var next = now + interval * (1 - Spread + 2 * Spread * jitter);
        var last = queuedAt + MaxAge;
        // One attempt is made at the very end, however long the interval would be.
        return next < last ? next : last;
    }
}

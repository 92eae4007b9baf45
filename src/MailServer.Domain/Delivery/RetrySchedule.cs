namespace MailServer.Domain.Delivery;

/// <summary>
/// Schedules delivery retries: the first after some minutes, then with doubled intervals up to <see cref="Longest"/>.
/// Jitter prevents messages that failed together from being retried together (RFC 5321 §4.5.4.1).
/// </summary>
public sealed record RetrySchedule
{
    // Relative jitter in both directions.
    private const double Spread = 0.2;
    private const int LargestExponent = 30;

    public TimeSpan First { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan Longest { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Maximum number of attempts after the first one (<c>queue.max_retries</c>).</summary>
    public int MaxRetries { get; init; } = 30;

    /// <summary>Age at which delivery is given up (<c>queue.retry_max_age</c>).</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(5);

    /// <summary>Age at which the sender is notified of the delay (RFC 5321 §4.5.4.1).</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Upper bound for the time until the next attempt of a message. A later time can only come from a wrong clock.</summary>
    public TimeSpan LongestWait(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var interval = (Longest > First ? Longest : First) * (1 + Spread);
        var hold = item.StartsAt - item.QueuedAt;
        return hold > interval ? hold : interval;
    }

    /// <summary>Calculates the time of the next attempt; null to give up.</summary>
    /// <param name="queuedAt">Time at which the message was accepted.</param>
    /// <param name="now">End of the last attempt.</param>
    /// <param name="attempts">Number of attempts made, at least one.</param>
    /// <param name="jitter">Random number from 0 to 1.</param>
    public DateTimeOffset? Next(DateTimeOffset queuedAt, DateTimeOffset now, int attempts, double jitter)
    {
        if (attempts > MaxRetries || now - queuedAt >= MaxAge) return null;
        var interval = First * Math.Pow(2, Math.Clamp(attempts - 1, 0, LargestExponent));
        if (interval > Longest) interval = Longest;
        var next = now + interval * (1 - Spread + 2 * Spread * jitter);
        var last = queuedAt + MaxAge;
        // The final attempt is always made at the maximum age, however long the interval would be.
        return next < last ? next : last;
    }
}

namespace MailServer.Domain.Timing;

/// <summary>
/// Evaluates stored times that a wrong clock may have written. When a clock that was years ahead is corrected,
/// stored times lie years in the future; without a bound a delay of one minute would then last for years.
/// </summary>
public static class StoredTime
{
    /// <summary>Maximum difference between clocks that are considered correct, for example of two cluster nodes or during slewing.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    /// <summary>True if a due time has passed, or lies further in the future than a correct clock could have set it.</summary>
    /// <param name="due">The stored due time.</param>
    /// <param name="now">The current time.</param>
    /// <param name="longest">The longest possible interval.</param>
    public static bool IsDue(DateTimeOffset due, DateTimeOffset now, TimeSpan longest) => due <= now || IsBeyond(due, now, longest);

    /// <summary>Returns the due time, or the current time if the due time is implausibly far in the future; for timers and displays.</summary>
    public static DateTimeOffset Bound(DateTimeOffset due, DateTimeOffset now, TimeSpan longest) => IsBeyond(due, now, longest) ? now : due;

    /// <summary>True if a stored start time is older than an age. A start in the future comes from a wrong clock and counts as old.</summary>
    /// <param name="begun">The stored start time.</param>
    /// <param name="now">The current time.</param>
    /// <param name="age">The maximum age.</param>
    public static bool IsOlder(DateTimeOffset begun, DateTimeOffset now, TimeSpan age) => now - begun > age || begun - now > Slack;

    private static bool IsBeyond(DateTimeOffset due, DateTimeOffset now, TimeSpan longest) =>
        longest < TimeSpan.MaxValue - Slack && due - now > longest + Slack;
}

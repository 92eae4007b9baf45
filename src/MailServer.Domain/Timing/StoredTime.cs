namespace MailServer.Domain.Timing;

/// <summary>
/// Judges a time that was written down earlier, possibly by a clock that was wrong. A clock that was years ahead and was set right leaves times
/// behind that lie years ahead; without a bound a pause of a minute would then last for years.
/// </summary>
public static class StoredTime
{
    /// <summary>Two clocks of a cluster, or one that is being slewed, differ by this much without being wrong.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    /// <summary>Whether a due time has come: it has passed, or lies further ahead than any right clock can have put it.</summary>
    /// <param name="due">As it was written down.</param>
    /// <param name="now">The present time.</param>
    /// <param name="longest">The longest interval of this kind.</param>
    public static bool IsDue(DateTimeOffset due, DateTimeOffset now, TimeSpan longest) => due <= now || IsBeyond(due, now, longest);

    /// <summary>The due time, but no later than the longest interval from now: for timers and for what is shown to people.</summary>
    public static DateTimeOffset Bound(DateTimeOffset due, DateTimeOffset now, TimeSpan longest) => IsBeyond(due, now, longest) ? now : due;

    /// <summary>Whether something that began at a time in the past is older than an age. A begin in the future is no right clock's: it counts as old.</summary>
    /// <param name="begun">As it was written down.</param>
    /// <param name="now">The present time.</param>
    /// <param name="age">Later than this after the begin it is old.</param>
    public static bool IsOlder(DateTimeOffset begun, DateTimeOffset now, TimeSpan age) => now - begun > age || begun - now > Slack;

    private static bool IsBeyond(DateTimeOffset due, DateTimeOffset now, TimeSpan longest) =>
        longest < TimeSpan.MaxValue - Slack && due - now > longest + Slack;
}

namespace MailServer.Domain.Timing;

/// <summary>
/// The pause after a failure: it doubles with every failure in a row up to a bound, and is jittered so that what failed together is not tried
/// again together. Not safe for use from several threads at once.
/// </summary>
/// <param name="first">The pause after the first failure.</param>
/// <param name="longest">The upper bound.</param>
public sealed class BackOff(TimeSpan first, TimeSpan longest)
{
    // How much shorter the jitter may make a pause.
    private const double Spread = 0.2;
    private const int MostDoublings = 30;

    /// <summary>Failures since the last success.</summary>
    public int Failures { get; private set; }

    /// <summary>Counts a failure.</summary>
    /// <returns>How long to wait before the next attempt.</returns>
    public TimeSpan Next() => Next(Random.Shared.NextDouble());

    /// <summary>Counts a failure.</summary>
    /// <param name="chance">From 0 to 1; decides the jitter.</param>
    /// <returns>How long to wait before the next attempt.</returns>
    public TimeSpan Next(double chance)
    {
        var pause = first * Math.Pow(2, Math.Min(Failures++, MostDoublings));
        return (pause < longest ? pause : longest) * (1 - (Spread * chance));
    }

    /// <summary>After a success.</summary>
    public void Reset() => Failures = 0;
}

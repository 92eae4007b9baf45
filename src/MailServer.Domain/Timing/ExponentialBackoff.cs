namespace MailServer.Domain.Timing;

/// <summary>
/// Calculates the delay after a failure. It doubles with each consecutive failure up to a maximum
/// and has jitter, so that clients that failed together do not retry together. Not thread-safe.
/// </summary>
/// <param name="first">Delay after the first failure.</param>
/// <param name="longest">Maximum delay.</param>
public sealed class ExponentialBackoff(TimeSpan first, TimeSpan longest)
{
    // Maximum relative reduction of a delay by jitter.
    private const double Spread = 0.2;
    private const int MostDoublings = 30;

    /// <summary>Number of failures since the last success.</summary>
    public int Failures { get; private set; }

    /// <summary>Records a failure.</summary>
    /// <returns>The delay before the next attempt.</returns>
    public TimeSpan Next() => Next(Random.Shared.NextDouble());

    /// <summary>Records a failure.</summary>
    /// <param name="chance">Random number from 0 to 1 for the jitter.</param>
    /// <returns>The delay before the next attempt.</returns>
    public TimeSpan Next(double chance)
    {
        var pause = first * Math.Pow(2, Math.Min(Failures++, MostDoublings));
        return (pause < longest ? pause : longest) * (1 - (Spread * chance));
    }

    /// <summary>Records a success.</summary>
    public void Reset() => Failures = 0;
}

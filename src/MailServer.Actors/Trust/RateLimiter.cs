namespace MailServer.Actors.Trust;

/// <summary>
/// Hourly message limits for many sources: one token bucket for each, in memory. Full buckets are removed when the table is full; if it stays full, new
/// sources are not limited. Thread-safe.
/// </summary>
internal sealed class RateLimiter(int perHour, int maxSources, TimeProvider time)
{
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Takes one token; false when none is left.</summary>
    public bool TryTake(string source)
    {
        if (perHour <= 0) return true;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var left = _buckets.TryGetValue(source, out var bucket) ? Left(bucket, now) : perHour;
            if (left < 1) return false;
            if (bucket is null && _buckets.Count >= maxSources) Forget(now);
            if (bucket is not null || _buckets.Count < maxSources) _buckets[source] = new Bucket(left - 1, now);
            return true;
        }
    }

    private double Left(Bucket bucket, long now) => Math.Min(perHour, bucket.Left + (time.GetElapsedTime(bucket.At, now).TotalHours * perHour));

    private void Forget(long now)
    {
        foreach (var (source, bucket) in _buckets)
            if (Left(bucket, now) >= perHour) _buckets.Remove(source);
    }

    private sealed record Bucket(double Left, long At);
}

namespace MailServer.Protocol.Sieve.Checking;

/// <summary>Finds what was probably meant by a name that is not known.</summary>
internal static class Suggestions
{
    private const int MaxLength = 40;

    public static string? For(string name, IEnumerable<string> known, string prefix = "")
    {
        if (name.Length > MaxLength) return null;
        var lower = name.ToLowerInvariant();
        var (best, distance) = ("", int.MaxValue);
        foreach (var candidate in known)
        {
            var found = Distance(lower, candidate);
            if (found < distance) (best, distance) = (candidate, found);
        }

        return distance <= Math.Max(1, name.Length / 3) ? $"did you mean '{prefix}{best}'?" : null;
    }

    /// <summary>The number of characters to insert, remove, replace or swap.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 4) return int.MaxValue;
        var (before, last, now) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++) last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            now[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                now[j] = Math.Min(Math.Min(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = Math.Min(now[j], before[j - 2] + 1);
            }

            (before, last, now) = (last, now, before);
        }

        return last[b.Length];
    }
}

namespace MailServer.Configuration;

/// <summary>Suggests the nearest known name for an unknown one.</summary>
internal static class Suggestion
{
    private const int MaxDistance = 3;
    private const int MaxLength = 100;

    public static string For(string name, IReadOnlyList<string> known) =>
        FindNearest(name, known) is { } nearest ? $"did you mean '{nearest}'?" : $"expected one of {string.Join(", ", known)}";

    /// <summary>The most similar known name; null if none is similar.</summary>
    public static string? FindNearest(string name, IReadOnlyList<string> known)
    {
        // Such a long name resembles no known one; skip the expensive comparison.
        if (name.Length > MaxLength || known.Count == 0) return null;
        var (nearest, distance) = known.Select(k => (k, Distance(name, k))).MinBy(static p => p.Item2);
        // At least half of the letters must be right: '--user' does not resemble '--json'.
        return distance <= Math.Min(MaxDistance, (name.TrimStart('-').Length + 1) / 2) ? nearest : null;
    }

    /// <summary>The Levenshtein distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}

namespace MailServer.Storage.TextIndex;

/// <summary>
/// The grams of a text: a number for each three consecutive characters, and for each two if they come from a script that needs no more for a word. A text that contains another has all of
/// its grams; different grams may have the same number, which only makes the index less selective.
/// </summary>
internal static class Grams
{
    /// <summary>The number of bits of a gram.</summary>
    public const int Bits = 24;

    private const int Length = 3;

    /// <summary>Chinese, Japanese and Korean characters begin here; the halves of emoji are above it, too.</summary>
    private const char FirstWide = '\u2e80';

    /// <summary>The third character of a gram that has two.</summary>
    private const char Nothing = '\uffff';

    public static uint Of(char first, char second, char third) =>
        (uint)(((first | ((ulong)second << 16) | ((ulong)third << 32)) * 0x9E3779B97F4A7C15) >> (64 - Bits));

    /// <summary>The number of two characters; null if they are indexed only together with a third.</summary>
    public static uint? OfPair(char first, char second) => first >= FirstWide && second >= FirstWide ? Of(first, second, Nothing) : null;

    /// <summary>The distinct grams of a text that is searched for; empty if it is too short for the index.</summary>
    public static uint[] OfSearch(ReadOnlySpan<char> folded)
    {
        if (folded.Length == Length - 1 && OfPair(folded[0], folded[1]) is { } pair) return [pair];
        var grams = new HashSet<uint>();
        for (var i = 0; i + Length <= folded.Length; i++) grams.Add(Of(folded[i], folded[i + 1], folded[i + 2]));
        return [.. grams];
    }
}

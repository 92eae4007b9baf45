namespace MailServer.Storage.TextIndex;

/// <summary>
/// The words of a text: a message that has the text of a search as a word contains it for certain, and need not be read. (Other messages may contain it within a word.) A word is known by a hash of 56
/// bits, with a key of the mailbox, so that nobody can make up words with the same hash.
/// </summary>
internal static class Words
{
    private const int Shortest = 3;
    private const int Longest = 40;

    /// <summary>The hash of a text that is searched for; null if it is not a word.</summary>
    public static ulong? OfSearch(ReadOnlySpan<char> folded, ulong key)
    {
        var at = 0;
        return TryNext(folded, ref at, out var word) && word.Length == folded.Length ? Hash(word, key) : null;
    }

    /// <summary>Finds the next word in a text.</summary>
    public static bool TryNext(ReadOnlySpan<char> folded, ref int at, out ReadOnlySpan<char> word)
    {
        while (at < folded.Length)
        {
            if (!Begins(folded[at]))
            {
                at++;
                continue;
            }

            var start = at;
            while (at < folded.Length && Continues(folded[at])) at++;
            word = folded[start..at];
            if (word.Length is >= Shortest and <= Longest) return true;
        }

        word = default;
        return false;
    }

    public static ulong Hash(ReadOnlySpan<char> word, ulong key)
    {
        var hash = key;
        foreach (var c in word)
        {
            hash = (hash ^ c) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        hash = (hash ^ (ulong)word.Length) * 0xBF58476D1CE4E5B9;
        return hash ^ (hash >> 32);
    }

    // Not a combining mark: where a piece of text begins, its order among others is not known.
    private static bool Begins(char c) => c < 0x80 ? char.IsAsciiLetterOrDigit(c) : char.IsLetterOrDigit(c);

    private static bool Continues(char c) => c < 0x80 ? char.IsAsciiLetterOrDigit(c) : char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark;
}

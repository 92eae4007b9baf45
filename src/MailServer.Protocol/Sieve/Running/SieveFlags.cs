using System.Buffers;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>Lists of flags and keywords (RFC 5232 §2).</summary>
internal static class SieveFlags
{
    private static readonly string[] System = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"];

    // RFC 9051 §9 atom-specials
    private static readonly SearchValues<char> NotInKeyword = SearchValues.Create("(){ %*\"\\]\u007f");

    /// <summary>The flags of several strings, each of which may contain several flags; without repetitions and without what is no flag.</summary>
    public static List<string> Read(IEnumerable<string> texts)
    {
        var flags = new List<string>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var word in texts.SelectMany(static t => t.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            var flag = word[0] == '\\' ? Array.Find(System, s => s.Equals(word, StringComparison.OrdinalIgnoreCase)) : IsKeyword(word) ? word : null;
            if (flag is not null && seen.Add(flag)) flags.Add(flag);
        }

        return flags;
    }

    private static bool IsKeyword(string word) => word.AsSpan().IndexOfAny(NotInKeyword) < 0 && word.All(static c => c is > ' ' and < '\u007f');
}

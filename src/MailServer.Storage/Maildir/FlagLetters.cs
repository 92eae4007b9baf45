using System.Collections.Immutable;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Maildir;

/// <summary>
/// The flag letters in file names: the standard Maildir letters <c>D F P R S T</c>, and <c>a</c>–<c>z</c> for the
/// first 26 keywords of a folder, in the order of <c>folder.state</c>. Further keywords are stored only in the index.
/// </summary>
internal static class FlagLetters
{
    public const int MaxKeywords = 26;
    private const string Forwarded = "$Forwarded";

    private static readonly string[] System = [.. Enumerable.Range(0, 32).Select(f => SystemLetters((SystemFlags)f, forwarded: false))];

    public static string Of(MessageFlags flags, ImmutableArray<string> keywords)
    {
        if (flags.Keywords.Count == 0) return System[(int)flags.System & 31];
        var letters = SystemLetters(flags.System, flags.Keywords.Contains(Forwarded));
        for (var i = 0; i < keywords.Length; i++)
        {
            if (flags.Keywords.Contains(keywords[i])) letters += (char)('a' + i);
        }

        return letters;
    }

    /// <summary>Parses the flags in a file name; lower-case letters are valid only in names given by this server.</summary>
    public static MessageFlags Parse(string letters, ImmutableArray<string> keywords, bool ours)
    {
        var system = SystemFlags.None;
        List<string>? found = null;
        foreach (var letter in letters)
        {
            if (letter == 'P') (found ??= []).Add(Forwarded);
            else if (ours && letter is >= 'a' and <= 'z' && letter - 'a' < keywords.Length) (found ??= []).Add(keywords[letter - 'a']);
            else system |= SystemFlag(letter);
        }

        return new MessageFlags(system, found is null ? KeywordSet.Empty : KeywordSet.Of(found));
    }

    /// <summary>Returns the keywords that have no letter.</summary>
    public static KeywordSet WithoutLetter(KeywordSet all, ImmutableArray<string> keywords) =>
        all.Count == 0 ? all : all.Except(KeywordSet.Of(keywords.Append(Forwarded)));

    /// <summary>Appends keywords of <paramref name="used"/> that have no letter yet, while letters are available.</summary>
    public static ImmutableArray<string> Assign(ImmutableArray<string> keywords, KeywordSet used)
    {
        foreach (var keyword in used.Keywords)
        {
            if (keywords.Length >= MaxKeywords) break;
            if (!keyword.Equals(Forwarded, StringComparison.OrdinalIgnoreCase) && !keywords.Contains(keyword, StringComparer.OrdinalIgnoreCase))
                keywords = keywords.Add(keyword);
        }

        return keywords;
    }

    private static SystemFlags SystemFlag(char letter) => letter switch
    {
        'D' => SystemFlags.Draft,
        'F' => SystemFlags.Flagged,
        'R' => SystemFlags.Answered,
        'S' => SystemFlags.Seen,
        'T' => SystemFlags.Deleted,
        _ => SystemFlags.None,
    };

    // The Maildir specification requires the letters in ASCII order.
    private static string SystemLetters(SystemFlags flags, bool forwarded) => string.Concat(
        flags.HasFlag(SystemFlags.Draft) ? "D" : "",
        flags.HasFlag(SystemFlags.Flagged) ? "F" : "",
        forwarded ? "P" : "",
        string.Concat(
            flags.HasFlag(SystemFlags.Answered) ? "R" : "",
            flags.HasFlag(SystemFlags.Seen) ? "S" : "",
            flags.HasFlag(SystemFlags.Deleted) ? "T" : ""));
}

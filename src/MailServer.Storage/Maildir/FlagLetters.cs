using System.Collections.Immutable;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Maildir;

/// <summary>
/// The letters of flags in file names: <c>D F P R S T</c> as every Maildir has them, and <c>a</c>–<c>z</c> for the folder's first 26 keywords,
/// in the order that <c>folder.state</c> keeps. Keywords beyond them live in the index alone.
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

    /// <summary>The flags that a name tells; lower-case letters mean something only in names that we gave.</summary>
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

    /// <summary>The keywords of these that no letter stands for.</summary>
    public static KeywordSet Unnamed(KeywordSet all, ImmutableArray<string> keywords) =>
        all.Count == 0 ? all : all.Except(KeywordSet.Of(keywords.Append(Forwarded)));

    /// <summary>The letters' keywords with those of <paramref name="used"/> that had none and still find room.</summary>
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

    // Letters stand in ASCII order, as the Maildir specification asks.
    private static string SystemLetters(SystemFlags flags, bool forwarded) => string.Concat(
        flags.HasFlag(SystemFlags.Draft) ? "D" : "",
        flags.HasFlag(SystemFlags.Flagged) ? "F" : "",
        forwarded ? "P" : "",
        string.Concat(
            flags.HasFlag(SystemFlags.Answered) ? "R" : "",
            flags.HasFlag(SystemFlags.Seen) ? "S" : "",
            flags.HasFlag(SystemFlags.Deleted) ? "T" : ""));
}

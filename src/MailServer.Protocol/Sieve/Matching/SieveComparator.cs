using System.Text;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Sieve.Matching;

/// <summary>The comparators (RFC 4790, RFC 5051).</summary>
internal enum SieveComparator
{
    AsciiCasemap,
    Octet,
    AsciiNumeric,
    UnicodeCasemap,
}

internal static class SieveComparators
{
    public static IReadOnlyList<string> Names { get; } = ["i;ascii-casemap", "i;octet", "i;ascii-numeric", "i;unicode-casemap"];

    public static bool TryFind(string name, out SieveComparator comparator)
    {
        (var known, comparator) = name switch
        {
            "i;ascii-casemap" => (true, SieveComparator.AsciiCasemap),
            "i;octet" => (true, SieveComparator.Octet),
            "i;ascii-numeric" => (true, SieveComparator.AsciiNumeric),
            "i;unicode-casemap" => (true, SieveComparator.UnicodeCasemap),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>Two texts are equal under a comparator if their folded forms are.</summary>
    public static string Fold(string text, SieveComparator comparator) => comparator switch
    {
        SieveComparator.Octet => text,
        SieveComparator.AsciiCasemap => Ascii.IsValid(text) ? text.ToUpperInvariant() : Collations.Fold(text, TextCollation.AsciiCasemap),
        SieveComparator.UnicodeCasemap => Collations.Fold(text, TextCollation.UnicodeCasemap),
        _ => Number(text),
    };

    /// <summary>Negative, zero or positive, as the first text stands before, beside or after the second one.</summary>
    public static int Compare(string left, string right, SieveComparator comparator)
    {
        var (a, b) = (Fold(left, comparator), Fold(right, comparator));
        if (comparator != SieveComparator.AsciiNumeric) return CompareCodePoints(a, b);
        // What does not begin with a digit is larger than every number (RFC 4790 §9.1.1).
        if (a.Length == 0 || b.Length == 0) return (b.Length == 0 ? 0 : 1) - (a.Length == 0 ? 0 : 1);
        return a.Length != b.Length ? a.Length - b.Length : string.CompareOrdinal(a, b);
    }

    /// <summary>The leading digits without superfluous zeros; empty if there are none.</summary>
    private static string Number(string text)
    {
        var length = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length;
        if (length == 0) return "";
        var digits = text.AsSpan(0, length).TrimStart('0');
        return digits.IsEmpty ? "0" : digits.ToString();
    }

    /// <summary>The order of the octets of UTF-8, which is that of code points, not that of UTF-16.</summary>
    private static int CompareCodePoints(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length) return left.Length - right.Length;
        var (a, b) = (left[same], right[same]);
        // A surrogate stands for a character above all that need only one unit.
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b : char.IsSurrogate(a) ? 1 : -1;
    }
}

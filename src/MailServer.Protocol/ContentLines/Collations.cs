using System.Text;

namespace MailServer.Protocol.ContentLines;

/// <summary>The collations that CalDAV and CardDAV filters may name (RFC 4790, RFC 5051).</summary>
public enum TextCollation
{
    AsciiCasemap,
    Octet,
    UnicodeCasemap,
}

/// <summary>Names of collations, and the form in which a collation compares texts.</summary>
public static class Collations
{
    /// <summary>The collation of this name; false for one that is not supported (<c>supported-collation</c>).</summary>
    public static bool TryFind(string name, out TextCollation collation)
    {
        (var known, collation) = name.Trim() switch
        {
            "i;ascii-casemap" => (true, TextCollation.AsciiCasemap),
            "i;octet" => (true, TextCollation.Octet),
            "i;unicode-casemap" => (true, TextCollation.UnicodeCasemap),
            _ => (false, default),
        };
        return known;
    }

    internal static string Fold(string text, TextCollation collation) => collation switch
    {
        TextCollation.Octet => text,
        TextCollation.AsciiCasemap => string.Create(text.Length, text, static (folded, source) =>
        {
            for (var i = 0; i < folded.Length; i++)
                folded[i] = char.IsAsciiLetterLower(source[i]) ? (char)(source[i] - 32) : source[i];
        }),
        _ => Ascii.IsValid(text) ? text.ToUpperInvariant() : Decompose(text),
    };

    /// <summary>Normalisation refuses what is no character, so that is replaced first.</summary>
    private static string Decompose(string text)
    {
        var characters = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            characters.Append(rune.Value is 0xFFFE or 0xFFFF ? Rune.ReplacementChar : rune);
        return characters.ToString().Normalize(NormalizationForm.FormKD).ToUpperInvariant().Normalize(NormalizationForm.FormKD);
    }
}

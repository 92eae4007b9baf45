using MailServer.Protocol.Messages;

namespace MailServer.Protocol.ContentLines;

/// <summary>The collations supported in CalDAV and CardDAV filters (RFC 4790, RFC 5051).</summary>
public enum TextCollation
{
    AsciiCasemap,
    Octet,
    UnicodeCasemap,
}

/// <summary>Collation names and case folding.</summary>
public static class Collations
{
    /// <summary>Finds a collation by name; false if it is not supported (<c>supported-collation</c>).</summary>
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
        _ => UnicodeCasemap.Fold(text),
    };
}

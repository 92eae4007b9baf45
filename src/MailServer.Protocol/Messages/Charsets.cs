using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>Character encodings by MIME charset name, including the legacy Windows code pages.</summary>
internal static class Charsets
{
    private static readonly EncodingProvider CodePages = CodePagesEncodingProvider.Instance;

    public static Encoding Windows1252 { get; } = CodePages.GetEncoding(1252)!;

    /// <summary>The encoding of a charset; UTF-8 when the name is unknown or missing.</summary>
    public static Encoding Find(string? charset) => TryFind(charset) ?? Encoding.UTF8;

    /// <summary>Whether text in a charset can be decoded.</summary>
    public static bool IsKnown(string charset) => TryFind(charset) is not null;

    private static Encoding? TryFind(string? charset)
    {
        if (IsAscii(charset)) return Encoding.UTF8;
        try
        {
            return CodePages.GetEncoding(charset!) ?? Encoding.GetEncoding(charset!);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static bool IsAscii(string? charset) => charset is null
        || string.Equals(charset, "utf-8", StringComparison.OrdinalIgnoreCase)
        || string.Equals(charset, "us-ascii", StringComparison.OrdinalIgnoreCase);
}

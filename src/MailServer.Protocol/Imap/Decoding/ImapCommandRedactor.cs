using System.Text;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>Formats an IMAP command for display, without credentials, literals and search terms.</summary>
internal static class ImapCommandRedactor
{
    /// <param name="frame">The whole command with its literals, without the last line end.</param>
    /// <param name="name">The command's name.</param>
    public static string Redact(ReadOnlySpan<byte> frame, string name)
    {
        var tag = frame.IndexOf((byte)' ') is > 0 and var end ? RedactedText.Line(frame[..end]) : "";
        if (name == "AUTHENTICATE") return $"{tag} {name} {RedactedText.Mechanism(Word(frame, 2))}";
        if (name is "LOGIN" or "SETMETADATA" or "URLFETCH" || HasSearchTerms(name)) return $"{tag} {name} {RedactedText.Secret}";
        return WithoutLiterals(frame);
    }

    private static bool HasSearchTerms(string name) => name.Split(' ')[^1] is "SEARCH" or "SORT" or "THREAD";

    private static string WithoutLiterals(ReadOnlySpan<byte> frame)
    {
        var text = new StringBuilder(frame.Length);
        while (frame.IndexOf((byte)'\n') is >= 0 and var lineFeed)
        {
            var line = frame[..(lineFeed + 1)];
            RedactedText.Append(text, line.TrimEnd("\r\n"u8));
            frame = frame[(lineFeed + 1)..];
            if (!CommandFramer.TryReadLiteral(line.TrimEnd("\r\n"u8), out var literal)) continue;
            text.Append(RedactedText.Secret);
            frame = frame[(int)Math.Min(literal.Size, frame.Length)..];
        }

        RedactedText.Append(text, frame);
        return text.ToString();
    }

    private static ReadOnlySpan<byte> Word(ReadOnlySpan<byte> frame, int index)
    {
        for (; index > 0; index--)
        {
            var space = frame.IndexOf((byte)' ');
            if (space < 0) return default;
            frame = frame[(space + 1)..];
        }

        var end = frame.IndexOf((byte)' ');
        return end < 0 ? frame : frame[..end];
    }
}

using System.Buffers;
using System.Text;
using MimeKit.Utils;

namespace MailServer.Protocol.Messages;

/// <summary>Searches header fields for text, unfolded, with RFC 2047 decoding, case-insensitively.</summary>
internal static class HeaderTextSearch
{
    /// <summary>Whether any field of a section (name or value) contains the text.</summary>
    public static bool SectionContains(ReadOnlySpan<byte> section, string text)
    {
        foreach (var field in HeaderFields.Enumerate(section))
        {
            if (Contains(field.Raw, text)) return true;
        }

        return false;
    }

    public static bool Contains(ReadOnlySpan<byte> folded, string text)
    {
        var isPlain = Ascii.IsValid(folded) && folded.IndexOf("=?"u8) < 0;
        if (isPlain && folded.Length < text.Length) return false;
        var octets = ArrayPool<byte>.Shared.Rent(folded.Length);
        var length = Unfold(folded, octets);
        var found = isPlain
            ? ContainsAscii(octets.AsSpan(0, length), text)
            : Rfc2047.DecodeText(octets, 0, length).Contains(text, StringComparison.OrdinalIgnoreCase);
        ArrayPool<byte>.Shared.Return(octets);
        return found;
    }

    private static bool ContainsAscii(ReadOnlySpan<byte> ascii, string text)
    {
        var chars = ArrayPool<char>.Shared.Rent(ascii.Length);
        var length = Encoding.ASCII.GetChars(ascii, chars);
        var found = chars.AsSpan(0, length).Contains(text, StringComparison.OrdinalIgnoreCase);
        ArrayPool<char>.Shared.Return(chars);
        return found;
    }

    // RFC 5322 §2.2.3: unfolding removes the line ends and keeps the white space after them.
    private static int Unfold(ReadOnlySpan<byte> folded, Span<byte> target)
    {
        var length = 0;
        while (!folded.IsEmpty)
        {
            var line = folded.IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var end ? end : folded.Length;
            folded[..line].CopyTo(target[length..]);
            length += line;
            folded = folded[Math.Min(line + 1, folded.Length)..];
        }

        return length;
    }
}

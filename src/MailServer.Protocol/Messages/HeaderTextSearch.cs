using System.Buffers;
using System.Text;
using MimeKit.Utils;

namespace MailServer.Protocol.Messages;

/// <summary>Searches header fields for text, unfolded, with RFC 2047 decoding.</summary>
internal static class HeaderTextSearch
{
    /// <summary>Whether any field of a section (name or value) contains the text.</summary>
    public static bool SectionContains<TText>(ReadOnlySpan<byte> section, TText text)
        where TText : ITextVisitor
    {
        foreach (var field in HeaderFields.Enumerate(section))
        {
            if (Contains(field.Raw, text) || ParameterContains(field, text)) return true;
        }

        return false;
    }

    /// <summary>Whether an address field contains the text as it is written, or in one of its addresses without comments, quotes and extra space.</summary>
    public static bool AddressContains<TText>(ReadOnlySpan<byte> folded, TText text)
        where TText : ITextVisitor
    {
        if (Contains(folded, text)) return true;
        // Few addresses are written in other forms than that of the search.
        if (!folded.ContainsAny("(\\\r"u8) && folded.IndexOf("\"@"u8) < 0 && folded.IndexOf(" @"u8) < 0 && folded.IndexOf("@ "u8) < 0) return false;
        using var buffers = new AddressBuffers();
        var addresses = new AddressReader(folded, buffers);
        while (addresses.MoveNext())
        {
            if (addresses.Kind != AddressElementKind.Mailbox) continue;
            var address = $"{Encoding.UTF8.GetString(addresses.Local)}@{Encoding.UTF8.GetString(addresses.Domain)}";
            if (text.IsIn(address)) return true;
        }

        return false;
    }

    // A file name in the form of RFC 2231 is percent-encoded and may be divided into several parameters.
    private static bool ParameterContains<TText>(HeaderField field, TText text)
        where TText : ITextVisitor
    {
        if (!field.Value.Contains((byte)'*')) return false;
        MimeKit.ParameterList? parameters = null;
        if (Ascii.EqualsIgnoreCase(field.Name, "Content-Disposition"u8) && MimeKit.ContentDisposition.TryParse(field.Value.ToArray(), out var disposition)) parameters = disposition.Parameters;
        if (Ascii.EqualsIgnoreCase(field.Name, "Content-Type"u8) && MimeKit.ContentType.TryParse(field.Value.ToArray(), out var type)) parameters = type.Parameters;
        return parameters?.Any(p => text.IsIn(p.Value)) ?? false;
    }

    public static bool Contains<TText>(ReadOnlySpan<byte> folded, TText text)
        where TText : ITextVisitor
    {
        var isPlain = Ascii.IsValid(folded) && folded.IndexOf("=?"u8) < 0;
        if (isPlain && folded.Length < text.Length) return false;
        var octets = ArrayPool<byte>.Shared.Rent(folded.Length);
        var length = Unfold(folded, octets);
        var found = isPlain
            ? ContainsAscii(octets.AsSpan(0, length), text)
            : text.IsIn(Rfc2047.DecodeText(octets, 0, length));
        ArrayPool<byte>.Shared.Return(octets);
        return found;
    }

    private static bool ContainsAscii<TText>(ReadOnlySpan<byte> ascii, TText text)
        where TText : ITextVisitor
    {
        var chars = ArrayPool<char>.Shared.Rent(ascii.Length);
        var length = Encoding.ASCII.GetChars(ascii, chars);
        var found = text.IsIn(chars.AsSpan(0, length));
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

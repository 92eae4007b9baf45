using System.Text;
using MimeKit.Encodings;

namespace MailServer.Protocol.Messages;

/// <summary>The beginning of a message's text as a line (RFC 8970): the first plain text that is not an attachment, or else the first HTML without its markup.</summary>
internal static class MessagePreview
{
    /// <summary>The text must begin within this many octets of the message.</summary>
    public const int MaxOctets = 256 * 1024;

    /// <summary>RFC 8970 §3.3.</summary>
    private const int MaxCharacters = 200;

    /// <summary>The encoded octets of a part that are read; a long style sheet may precede the text.</summary>
    private const int MaxBody = 64 * 1024;

    public static string Of(ContentWindow window, MimePart message)
    {
        foreach (var kind in new[] { TextKind.Plain, TextKind.Html })
        {
            foreach (var part in TextParts(message, kind))
            {
                var text = Decode(window, part);
                if (text.Contains("-----BEGIN PGP MESSAGE-----", StringComparison.Ordinal)) return "";
                var line = Shorten(kind == TextKind.Html ? HtmlText.Of(text, " ") : text);
                if (line.Length > 0) return line;
            }
        }

        return "";
    }

    private static IEnumerable<MimePart> TextParts(MimePart part, TextKind kind)
    {
        if (part.Kind == PartKind.Leaf && part.IsText && part.TextKind == kind && !part.IsAttachment) yield return part;
        // An embedded message is an attachment.
        if (part.Kind != PartKind.Multipart) yield break;
        foreach (var child in part.Children)
            foreach (var found in TextParts(child, kind)) yield return found;
    }

    private static string Decode(ContentWindow window, MimePart part)
    {
        var length = (int)Math.Min(part.BodyLength, MaxBody);
        var available = window.Peek(part.BodyOffset, length);
        var octets = available[..Math.Min(length, available.Length)].ToArray();
        IMimeDecoder? transfer = part.Encoding switch
        {
            TransferEncoding.Base64 => new Base64Decoder(),
            TransferEncoding.QuotedPrintable => new QuotedPrintableDecoder(),
            _ => null,
        };
        var encoding = Charsets.Find(part.Charset);
        if (transfer is null) return encoding.GetString(octets);
        var decoded = new byte[transfer.EstimateOutputLength(octets.Length)];
        return encoding.GetString(decoded, 0, transfer.Decode(octets, 0, octets.Length, decoded));
    }

    /// <summary>The first characters, with each run of white space as one space, and without controls and invisible characters.</summary>
    private static string Shorten(string text)
    {
        var line = new StringBuilder(MaxCharacters);
        var (count, pending) = (0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                pending = count > 0;
                continue;
            }

            if (IsInvisible(rune)) continue;
            if (count + (pending ? 2 : 1) > MaxCharacters) break;
            if (pending) line.Append(' ');
            line.Append(rune.ToString());
            count += pending ? 2 : 1;
            pending = false;
        }

        return line.ToString();
    }

    // Newsletters fill the preview with characters that are not displayed.
    private static bool IsInvisible(Rune rune) => Rune.IsControl(rune) || rune.Value is 0xAD or 0x34F or 0xFFFD or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E)
        or (>= 0x2060 and <= 0x206F) or 0xFEFF;
}

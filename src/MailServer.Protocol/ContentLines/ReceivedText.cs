using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.ContentLines;

/// <summary>
/// Converts received iCalendar and vCard text to UTF-8, and finds characters that must not be stored: XML 1.0 §2.2 cannot represent them, so reports
/// would differ from GET, and the next edit of a client would write the difference back.
/// </summary>
public static class ReceivedText
{
    private const byte NoncharacterLead = 0xEF;

    private static readonly SearchValues<byte> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(c => c is not ('\t' or '\r' or '\n')).Select(c => (byte)c), NoncharacterLead]);

    /// <summary>False with the line of the first octet that is not text.</summary>
    /// <param name="octets">The received octets.</param>
    /// <param name="charset">The declared charset; null if none.</param>
    /// <param name="text">The text in UTF-8; the same octets if they need no conversion.</param>
    /// <param name="fault">The reason for a refusal.</param>
    public static bool TryRead(ReadOnlyMemory<byte> octets, string? charset, out ReadOnlyMemory<byte> text, [NotNullWhen(false)] out ContentLineFault? fault)
    {
        text = ToUtf8(octets, charset);
        var (at, kind) = Find(text.Span);
        fault = at < 0 ? null : new ContentLineFault(kind, 1 + text.Span[..at].Count((byte)'\n'));
        return fault is null;
    }

    /// <summary>The text in UTF-8. Without a declared charset, text that is not UTF-8 is read as Windows-1252; characters that must not be stored are removed.</summary>
    public static ReadOnlyMemory<byte> Repair(ReadOnlyMemory<byte> octets, string? charset)
    {
        var text = ToUtf8(octets, charset);
        if (!Utf8.IsValid(text.Span)) text = Encoding.UTF8.GetBytes(Charsets.Windows1252.GetString(text.Span));
        var next = NextForbidden(text.Span);
        if (next < 0) return text;
        var kept = new ArrayBufferWriter<byte>(text.Length);
        for (; next >= 0; next = NextForbidden(text.Span))
        {
            kept.Write(text.Span[..next]);
            text = text[(next + (text.Span[next] == NoncharacterLead ? 3 : 1))..];
        }

        kept.Write(text.Span);
        return kept.WrittenMemory;
    }

    /// <summary>Text that begins with a byte order mark of UTF-16, in UTF-8; other octets as they are.</summary>
    public static ReadOnlyMemory<byte> ToUtf8IfMarked(ReadOnlyMemory<byte> octets) => octets.Span is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] ? ToUtf8(octets, null) : octets;

    /// <summary>Prefers UTF-8 to a declared charset of single octets, because text in such a charset is never valid UTF-8 by chance, and some clients declare a wrong one.</summary>
    private static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> octets, string? charset)
    {
        var encoding = octets.Span switch
        {
            [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
            [0xFF, 0xFE, ..] => Encoding.Unicode,
            _ => Charsets.Find(charset),
        };
        // Some clients send the terminating NUL of a C string.
        if (encoding is UTF8Encoding || encoding.IsSingleByte && Utf8.IsValid(octets.Span)) return octets.TrimEnd((byte)0);
        return Encoding.UTF8.GetBytes(encoding.GetString(octets.Span).Trim('\uFEFF', '\0'));
    }

    private static (int At, ContentLineFaultKind Kind) Find(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text)) return (FirstInvalid(text), ContentLineFaultKind.NotUtf8);
        return (NextForbidden(text), ContentLineFaultKind.ControlCharacter);
    }

    /// <summary>The first control character or noncharacter of a valid text; -1 if there is none.</summary>
    private static int NextForbidden(ReadOnlySpan<byte> text)
    {
        for (var at = 0; ; at++)
        {
            var found = text[at..].IndexOfAny(Suspects);
            if (found < 0) return -1;
            at += found;
            if (text[at] != NoncharacterLead || text[at..] is [_, 0xBF, 0xBE or 0xBF, ..]) return at;
        }
    }

    private static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out _, out var length) == OperationStatus.Done) at += length;
        return at;
    }
}

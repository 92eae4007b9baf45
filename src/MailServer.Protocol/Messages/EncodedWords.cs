using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace MailServer.Protocol.Messages;

/// <summary>Converts raw 8-bit header text, which RFC 5322 does not allow but real mail contains, to RFC 2047 encoded-words.</summary>
internal static class EncodedWords
{
    /// <summary>The number of octets whose base64 form fits into 75 characters with <c>=?utf-8?B?</c> and <c>?=</c> (RFC 2047 §2).</summary>
    private const int OctetsPerWord = 45;

    /// <summary>Encodes words with 8-bit octets and the spaces between them; copies other words unchanged.</summary>
    public static void Add(WireBuilder output, ReadOnlySpan<byte> text)
    {
        var utf8 = ToUtf8(text);
        while (!utf8.IsEmpty)
        {
            var raw = utf8.IndexOfAnyInRange((byte)0x80, (byte)0xFF);
            if (raw < 0) break;
            var start = utf8[..raw].LastIndexOfAny(" \t\r\n"u8) + 1;
            var end = EndOfRun(utf8, raw);
            output.Add(utf8[..start]);
            AddEncoded(output, utf8[start..end]);
            utf8 = utf8[end..];
        }

        output.Add(utf8);
    }

    /// <summary>Returns valid UTF-8 unchanged; otherwise decodes windows-1252, which defines every octet.</summary>
    public static ReadOnlySpan<byte> ToUtf8(ReadOnlySpan<byte> text) =>
        Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Charsets.Windows1252.GetString(text));

    private static int EndOfRun(ReadOnlySpan<byte> text, int at)
    {
        while (true)
        {
            var end = text[at..].IndexOfAny(" \t\r\n"u8);
            if (end < 0) return text.Length;
            end += at;
            var next = end;
            while (next < text.Length && text[next] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') next++;
            var nextEnd = text[next..].IndexOfAny(" \t\r\n"u8) is >= 0 and var length ? next + length : text.Length;
            if (!text[next..nextEnd].ContainsAnyInRange((byte)0x80, (byte)0xFF)) return end;
            at = next;
        }
    }

    private static void AddEncoded(WireBuilder output, ReadOnlySpan<byte> text)
    {
        for (var first = true; !text.IsEmpty; first = false)
        {
            var count = Math.Min(OctetsPerWord, text.Length);
            // An encoded-word must contain whole characters (RFC 2047 §5).
            while (count < text.Length && (text[count] & 0xC0) == 0x80) count--;
            if (!first) output.Add((byte)' ');
            output.Add("=?utf-8?B?"u8);
            Base64.EncodeToUtf8(text[..count], output.GetSpan(64), out _, out var written);
            output.Advance(written);
            output.Add("?="u8);
            text = text[count..];
        }
    }
}

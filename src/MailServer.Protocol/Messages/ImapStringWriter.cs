using System.Buffers;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Writes header text as IMAP quoted strings. Line ends and NUL are removed and raw 8-bit text becomes encoded-words, so that no literal is needed
/// (RFC 9051 §4.3).
/// </summary>
internal static class ImapStringWriter
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range(1, 127).Select(i => (byte)i).Except("\r\n\"\\"u8.ToArray())]);


    // string, from unstructured text that may be folded
    public static void AddString(WireBuilder output, ReadOnlySpan<byte> text)
    {
        if (!text.ContainsAnyExcept(Plain))
        {
            var target = output.GetSpan(text.Length + 2);
            target[0] = (byte)'"';
            text.CopyTo(target[1..]);
            target[text.Length + 1] = (byte)'"';
            output.Advance(text.Length + 2);
        }
        else if (text.ContainsAnyInRange((byte)0x80, (byte)0xFF))
        {
            using var encoded = new WireBuilder(text.Length * 2);
            EncodedWords.Add(encoded, text);
            AddQuoted(output, encoded.Written);
        }
        else
        {
            AddQuoted(output, text);
        }
    }

    private static void AddQuoted(WireBuilder output, ReadOnlySpan<byte> ascii)
    {
        output.Add((byte)'"');
        foreach (var octet in ascii)
        {
            if (octet is (byte)'\r' or (byte)'\n' or 0) continue;
            if (octet is (byte)'"' or (byte)'\\') output.Add((byte)'\\');
            output.Add(octet);
        }

        output.Add((byte)'"');
    }
}

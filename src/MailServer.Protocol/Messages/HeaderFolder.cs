using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Folds header lines that are longer than RFC 5322 §2.1.1 allows: before white space; between addresses or message identifiers; without either, as
/// encoded-words if the field is unstructured text. A token of another field that has no such place gets a line break in its middle.
/// </summary>
internal static class HeaderFolder
{
    // Room for the space that a line without white space gets.
    private const int Longest = LineLength.Max - 8;

    // The octets of an encoded-word of at most 75 characters (RFC 2047 §2).
    private const int OctetsPerWord = 45;

    public static void Write(IBufferWriter<byte> output, HeaderField field)
    {
        var lines = new LineLength();
        lines.Add(field.Raw);
        if (!lines.IsExceeded)
        {
            output.Write(field.Raw);
            return;
        }

        if (IsUnstructuredText(field.Name) && HasLongWord(field.Value))
        {
            WriteEncoded(output, field);
            return;
        }

        var rest = field.Raw;
        var start = field.Name.Length + 1;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n') is >= 0 and var newline ? newline + 1 : rest.Length;
            WriteLine(output, rest[..end], field.Name, start);
            rest = rest[end..];
            start = 0;
        }
    }

    private static void WriteLine(IBufferWriter<byte> output, ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, int start)
    {
        while (line.Length > LineLength.Max)
        {
            var cut = Place(line[..Longest], name, start);
            output.Write(line[..cut]);
            output.Write(line[cut] is (byte)' ' or (byte)'\t' ? "\r\n"u8 : "\r\n "u8);
            line = line[cut..];
            start = 0;
        }

        output.Write(line);
    }

    private static int Place(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, int start)
    {
        // The space after the colon is no good place: the first line would have no text.
        var first = start;
        while (first < line.Length && line[first] is (byte)' ' or (byte)'\t') first++;
        for (var at = line.Length - 1; at > first; at--)
            if (line[at] is (byte)' ' or (byte)'\t' && line[at - 1] is not ((byte)' ' or (byte)'\t')) return at;
        if (IsList(name))
        {
            for (var at = line.Length - 1; at > first; at--)
                if (EndsElement(line[at - 1], line[at]) && line[..at].Count((byte)'"') % 2 == 0) return at;
        }

        var last = line.Length - 1;
        while (last > first + 1 && (line[last] & 0xC0) == 0x80) last--;
        return last;
    }

    private static bool EndsElement(byte before, byte after) => before == ',' || (before == '>' && after == '<');

    private static bool IsList(ReadOnlySpan<byte> name)
    {
        if (name.Length > 7 && Ascii.EqualsIgnoreCase(name[..7], "Resent-"u8)) name = name[7..];
        return Ascii.EqualsIgnoreCase(name, "To"u8) || Ascii.EqualsIgnoreCase(name, "Cc"u8) || Ascii.EqualsIgnoreCase(name, "From"u8)
            || Ascii.EqualsIgnoreCase(name, "Reply-To"u8) || Ascii.EqualsIgnoreCase(name, "References"u8) || Ascii.EqualsIgnoreCase(name, "In-Reply-To"u8);
    }

    private static bool IsUnstructuredText(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "Subject"u8) || Ascii.EqualsIgnoreCase(name, "Comments"u8) || Ascii.EqualsIgnoreCase(name, "Content-Description"u8);

    private static bool HasLongWord(ReadOnlySpan<byte> value)
    {
        while (value.Length > Longest)
        {
            var space = value.IndexOfAny(" \t\r\n"u8);
            if (space is < 0 or > Longest - 100) return true;
            value = value[(space + 1)..];
        }

        return false;
    }

    // Line breaks of the old folding are not part of the text.
    private static void WriteEncoded(IBufferWriter<byte> output, HeaderField field)
    {
        var value = field.Value.ToArray().AsSpan();
        var length = 0;
        foreach (var octet in value)
            if (octet is not ((byte)'\r' or (byte)'\n')) value[length++] = octet;
        var text = EncodedWords.ToUtf8(value[..length]);
        output.Write(field.Name);
        output.Write(":"u8);
        while (!text.IsEmpty)
        {
            var count = Math.Min(OctetsPerWord, text.Length);
            // An encoded-word must contain whole characters (RFC 2047 §5).
            while (count < text.Length && (text[count] & 0xC0) == 0x80) count--;
            output.Write(" =?utf-8?B?"u8);
            Base64.EncodeToUtf8(text[..count], output.GetSpan(64), out _, out var written);
            output.Advance(written);
            text = text[count..];
            output.Write("?=\r\n"u8);
        }
    }
}

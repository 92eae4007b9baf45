using System.Buffers;
using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>Reads a raw header section field by field (RFC 5322 §2.2); accepts any input.</summary>
public static class HeaderFields
{
    public static HeaderFieldEnumerator Enumerate(ReadOnlySpan<byte> headerSection) => new(headerSection);

    /// <summary>Finds the first field with a name (case-insensitive).</summary>
    public static bool TryFind(ReadOnlySpan<byte> headerSection, ReadOnlySpan<byte> name, out HeaderField found)
    {
        foreach (var field in Enumerate(headerSection))
        {
            if (!Ascii.EqualsIgnoreCase(field.Name, name)) continue;
            found = field;
            return true;
        }

        found = default;
        return false;
    }

    /// <summary>
    /// Implements HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 9051 §6.4.5.1): writes the fields with the given names, or all other lines, raw and in
    /// order, then the blank line.
    /// </summary>
    public static void Filter(ReadOnlySpan<byte> headerSection, IReadOnlyList<string> names, bool not, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(output);
        foreach (var field in Enumerate(headerSection))
        {
            if (IsNamed(field.Name, names) != not) WriteLines(field.Raw, output);
        }

        output.Write("\r\n"u8);
    }

    /// <summary>Writes the raw field; adds a line end if the message ends without one.</summary>
    internal static void WriteLines(ReadOnlySpan<byte> raw, IBufferWriter<byte> output)
    {
        output.Write(raw);
        if (!raw.EndsWith((byte)'\n')) output.Write("\r\n"u8);
    }

    private static bool IsNamed(ReadOnlySpan<byte> field, IReadOnlyList<string> names)
    {
        if (field.IsEmpty) return false;
        for (var i = 0; i < names.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(field, names[i])) return true;
        }

        return false;
    }
}

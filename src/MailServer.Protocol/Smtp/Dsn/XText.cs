using System.Buffers;
using System.Globalization;
using System.Text;

namespace MailServer.Protocol.Smtp.Dsn;

/// <summary>xtext (RFC 3461 §4): printable ASCII with <c>+</c>, <c>=</c> and everything else as <c>+XX</c>.</summary>
internal static class XText
{
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (byte)c).Where(c => c is not ((byte)'+' or (byte)'='))]);

    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        for (; text.IndexOfAnyExcept(Plain) is >= 0 and var at; text = text[(at + 3)..])
            if (text[at] != '+' || text.Length < at + 3 || !IsUpperHex(text[at + 1]) || !IsUpperHex(text[at + 2])) return false;

        return true;
    }

    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (Plain.Contains(octet)) encoded.Append((char)octet);
            else encoded.Append('+').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }

    /// <summary>The text that was meant, cut down to printable ASCII: it is written into a field of a notice.</summary>
    public static string Decode(string text)
    {
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '+' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                c = (char)octet;
                i += 2;
            }

            decoded.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        return decoded.ToString();
    }

    private static bool IsUpperHex(byte c) => c is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'A' and <= (byte)'F');
}

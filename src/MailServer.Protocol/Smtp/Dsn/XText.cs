using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MailServer.Protocol.Smtp.Dsn;

/// <summary>xtext (RFC 3461 §4): printable ASCII; <c>+</c>, <c>=</c> and all other octets are encoded as <c>+XX</c>.</summary>
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

    /// <summary>utf-8-addr-xtext or utf-8-addr-unitext (RFC 6533 §3): xtext in which non-ASCII characters are unencoded or written as <c>\x{HEX}</c>.</summary>
    public static bool IsValidUtf8(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text)) return false;
        var ascii = new byte[text.Length];
        for (var i = 0; i < text.Length; i++) ascii[i] = text[i] < 128 ? text[i] : (byte)'x';
        return IsValid(ascii);
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

    /// <summary>Decodes xtext and reduces the result to printable ASCII, so that it is safe in a header field.</summary>
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

    /// <summary>Decodes an ORCPT of type utf-8 (RFC 6533 §3); characters that could end a line are removed.</summary>
    public static string DecodeUtf8(string text)
    {
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var end = text.IndexOf('}', i);
            var isEscape = text.AsSpan(i).StartsWith("\\x{", StringComparison.Ordinal) && end > i + 3 && end - i <= 9;
            if (isEscape && int.TryParse(text.AsSpan(i + 3, end - i - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point) && Rune.IsValid(point))
            {
                decoded.Append(new Rune(point).ToString());
                i = end;
            }
            else if (text[i] == '+' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                decoded.Append((char)octet);
                i += 2;
            }
            else
            {
                decoded.Append(text[i]);
            }
        }

        for (var i = 0; i < decoded.Length; i++)
            if (char.IsControl(decoded[i])) decoded[i] = '?';
        return decoded.ToString();
    }

    private static bool IsUpperHex(byte c) => c is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'A' and <= (byte)'F');
}

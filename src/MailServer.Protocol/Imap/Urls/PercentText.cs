using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MailServer.Protocol.Imap.Urls;

/// <summary>Percent-encoded UTF-8 in URLs (RFC 3986 §2.1).</summary>
internal static class PercentText
{
    /// <summary>Decodes text; false if an encoding is incomplete, or the result is not UTF-8 or contains NUL.</summary>
    public static bool TryDecode(string text, out string decoded)
    {
        decoded = "";
        var octets = new List<byte>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                octets.Add((byte)text[at]);
                continue;
            }

            if (at + 2 >= text.Length || !byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet) || octet == 0) return false;
            octets.Add(octet);
            at += 2;
        }

        byte[] bytes = [.. octets];
        if (!Utf8.IsValid(bytes)) return false;
        decoded = Encoding.UTF8.GetString(bytes);
        return true;
    }

    /// <summary>The text of a URL for a response code (RFC 4469 §5: no line ends and no closing bracket).</summary>
    public static string ForResponseCode(string url)
    {
        var text = new StringBuilder(url.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(url))
        {
            if (octet is >= (byte)' ' and <= (byte)'~' and not ((byte)']' or (byte)'\\')) text.Append((char)octet);
            else text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return text.ToString();
    }
}

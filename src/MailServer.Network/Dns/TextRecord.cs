using System.Text;
using DnsClient.Protocol;

namespace MailServer.Network.Dns;

/// <summary>The octets of a TXT record. DnsClient provides the strings either decoded as UTF-8, which loses invalid sequences, or with escaped octets.</summary>
internal static class TextRecord
{
    private const int EscapedOctet = 3;

    /// <summary>Concatenates the strings without a separator (RFC 7208 §3.3, RFC 6376 §3.6.2.2); one char per octet.</summary>
    public static string Join(TxtRecord record)
    {
        var joined = new StringBuilder();
        foreach (var (text, escaped) in record.Text.Zip(record.EscapedText))
        {
            if (text.Contains('\uFFFD', StringComparison.Ordinal)) Unescape(escaped, joined);
            else joined.Append(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)));
        }

        return joined.ToString();
    }

    /// <summary><c>\DDD</c> is an octet, <c>\X</c> is X (RFC 1035 §5.1).</summary>
    private static void Unescape(ReadOnlySpan<char> text, StringBuilder octets)
    {
        while (text.IndexOf('\\') is >= 0 and var escape && escape + 1 < text.Length)
        {
            octets.Append(text[..escape]);
            text = text[(escape + 1)..];
            var isOctet = byte.TryParse(text[..Math.Min(EscapedOctet, text.Length)], out var octet) && text.Length >= EscapedOctet;
            octets.Append(isOctet ? (char)octet : text[0]);
            text = text[(isOctet ? EscapedOctet : 1)..];
        }

        octets.Append(text);
    }
}

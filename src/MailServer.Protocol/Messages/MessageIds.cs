using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>Message ids in normal form: without quotes, escapes and white space (RFC 5256 §3, RFC 5322 §3.6.4).</summary>
internal static class MessageIds
{
    private const int MaxIdLength = 1_000;

    /// <summary>Reads the next valid id; false if there is none.</summary>
    /// <param name="text">The rest of a field, which the method advances.</param>
    /// <param name="id">The id without its angle brackets.</param>
    public static bool TryReadNext(ref ReadOnlySpan<byte> text, out string id)
    {
        id = "";
        while (text.IndexOf((byte)'<') is >= 0 and var start)
        {
            text = text[(start + 1)..];
            if (TryReadId(ref text, out id)) return true;
        }

        return false;
    }

    // msg-id, up to its closing bracket. An opening bracket begins the next one.
    private static bool TryReadId(ref ReadOnlySpan<byte> text, out string id)
    {
        id = "";
        Span<byte> plain = stackalloc byte[MaxIdLength];
        int length = 0, at = 0;
        for (var isQuoted = false; at < text.Length && length < MaxIdLength; at++)
        {
            var octet = text[at];
            if (octet == '"') isQuoted = !isQuoted;
            else if (octet == '\\' && isQuoted && at + 1 < text.Length) plain[length++] = text[++at];
            else if (isQuoted && octet is not ((byte)'\r' or (byte)'\n')) plain[length++] = octet;
            else if (octet is (byte)'<' or (byte)'>') break;
            else if (octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')) plain[length++] = octet;
        }

        var isClosed = at < text.Length && text[at] == '>';
        text = text[at..];
        var middle = plain[..length].LastIndexOf((byte)'@');
        if (!isClosed || middle <= 0 || middle == length - 1) return false;
        id = Encoding.Latin1.GetString(plain[..length]);
        return true;
    }
}

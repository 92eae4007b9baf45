using MailServer.Domain.Messages;

namespace MailServer.Protocol.Smtp.Headers;

/// <summary>Reads the header section of a message without the rest of the message.</summary>
public static class HeaderSectionReader
{
    private const int Step = 8 * 1024;

    /// <summary>
    /// The octets up to and including the blank line, or the whole message if it has none; null when the section is longer than <paramref
    /// name="limit"/>. Lines must end with CRLF, which SMTP guarantees.
    /// </summary>
    public static byte[]? Read(MessageContent content, int limit)
    {
        ArgumentNullException.ThrowIfNull(content);
        for (var size = Step; ; size *= 4)
        {
            var bytes = content.ReadRange(0, Math.Min(size, limit));
            if (bytes.AsSpan().StartsWith("\r\n"u8)) return bytes[..2];
            var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end >= 0) return bytes[..(end + 4)];
            if (bytes.Length == content.Length) return bytes;
            if (bytes.Length >= limit) return null;
        }
    }
}

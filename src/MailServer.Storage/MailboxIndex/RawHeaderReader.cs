using MailServer.Domain.Messages;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Reads the header section of a message: everything up to the first empty line (RFC 5322 §2.1).</summary>
internal static class RawHeaderReader
{
    private const int FirstRead = 8 * 1024;

    public static ReadOnlySpan<byte> Read(MessageContent content, int limit)
    {
        for (var size = FirstRead; ; size *= 4)
        {
            var bytes = content.ReadRange(0, Math.Min(size, limit));
            var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end >= 0) return bytes.AsSpan(0, end + 4);
            if (bytes.Length < size || size >= limit) return bytes;
        }
    }
}

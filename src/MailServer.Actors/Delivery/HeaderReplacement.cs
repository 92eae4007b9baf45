using System.Buffers;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Delivery;

/// <summary>Replaces the header section of a message that is not yet committed.</summary>
internal static class HeaderReplacement
{
    private const int Block = 32 * 1024;

    /// <summary>
    /// Returns a new buffer with <paramref name="header"/> followed by the content after the first <paramref name="headerLength"/> octets; disposes the old
    /// buffer.
    /// </summary>
    public static SpoolBuffer Make(MessageSpool spool, SpoolBuffer old, ReadOnlySpan<byte> header, int headerLength)
    {
        var made = spool.Begin();
        try
        {
            made.Write(header);
            using var content = old.OpenContent();
            for (long at = headerLength; content.Read(at, made.GetSpan(Block)) is > 0 and var read; at += read) made.Advance(read);
        }
        catch
        {
            made.Dispose();
            throw;
        }

        old.Dispose();
        return made;
    }
}

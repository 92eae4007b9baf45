using System.Buffers;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Reading;

namespace MailServer.Protocol.Sieve.Composing;

/// <summary>Writes the body of a message that a script has changed.</summary>
public static class ChangedBody
{
    private const int Block = 32 * 1024;

    /// <param name="output">Receives the octets.</param>
    /// <param name="delivered">The message as it was delivered.</param>
    /// <param name="body">The changed body; null for that of the message.</param>
    /// <param name="offset">Where the body of the delivered message begins.</param>
    public static void Write(IBufferWriter<byte> output, MessageContent delivered, SieveBody? body, long offset)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(delivered);
        if (body is null)
        {
            Copy(output, delivered, offset, delivered.Length - offset);
            return;
        }

        foreach (var piece in body.Pieces)
        {
            if (piece.IsRange) Copy(output, delivered, piece.Offset, piece.Length);
            else output.Write(piece.Octets.Span);
        }
    }

    private static void Copy(IBufferWriter<byte> output, MessageContent delivered, long offset, long length)
    {
        while (length > 0)
        {
            var space = output.GetSpan(Block);
            var read = delivered.Read(offset, space[..(int)Math.Min(space.Length, length)]);
            if (read == 0) return;
            output.Advance(read);
            (offset, length) = (offset + read, length - read);
        }
    }
}

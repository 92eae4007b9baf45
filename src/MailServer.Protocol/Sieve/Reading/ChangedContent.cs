using MailServer.Domain.Messages;

namespace MailServer.Protocol.Sieve.Reading;

/// <summary>A piece of a message that a script has changed: new octets, or a range of the message as it was delivered.</summary>
/// <param name="Octets">The new octets; empty for a range.</param>
/// <param name="Offset">Where the range begins in the delivered message.</param>
/// <param name="Length">The number of octets.</param>
public sealed record SievePiece(ReadOnlyMemory<byte> Octets, long Offset, long Length)
{
    /// <summary>Whether the piece is a range of the delivered message.</summary>
    public bool IsRange => Octets.IsEmpty;

    internal static SievePiece Of(ReadOnlyMemory<byte> octets) => new(octets, 0, octets.Length);

    internal static SievePiece Range(long offset, long length) => new(default, offset, length);
}

/// <summary>The body of a message that a script has changed (RFC 5703 §5, §6). Large parts stay where they are and are copied when the message is stored.</summary>
/// <param name="pieces">The body, piece by piece.</param>
public sealed class SieveBody(IReadOnlyList<SievePiece> pieces)
{
    /// <summary>The pieces in their order.</summary>
    public IReadOnlyList<SievePiece> Pieces { get; } = pieces;

    /// <summary>The size in octets.</summary>
    public long Length => Pieces.Sum(static p => p.Length);
}

/// <summary>A message of pieces, for the tests of a script after a change. The delivered message must stay open.</summary>
internal sealed class ChangedContent(IReadOnlyList<SievePiece> pieces, MessageContent delivered) : MessageContent
{
    public override long Length { get; } = pieces.Sum(static p => p.Length);

    public MessageContent Delivered => delivered;

    /// <summary>The pieces of a range of this message.</summary>
    public IEnumerable<SievePiece> Slice(long offset, long length)
    {
        foreach (var piece in pieces)
        {
            if (length <= 0) yield break;
            if (offset >= piece.Length)
            {
                offset -= piece.Length;
                continue;
            }

            var taken = Math.Min(piece.Length - offset, length);
            yield return piece.IsRange ? SievePiece.Range(piece.Offset + offset, taken) : SievePiece.Of(piece.Octets.Slice((int)offset, (int)taken));
            (offset, length) = (0, length - taken);
        }
    }

    public override int Read(long offset, Span<byte> destination)
    {
        var read = 0;
        foreach (var piece in Slice(offset, destination.Length))
        {
            var target = destination.Slice(read, (int)piece.Length);
            if (!piece.IsRange) piece.Octets.Span.CopyTo(target);
            else if (!ReadAll(piece.Offset, target)) return read;
            read += target.Length;
        }

        return read;
    }

    private bool ReadAll(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var count = delivered.Read(offset, target);
            if (count == 0) return false;
            offset += count;
            target = target[count..];
        }

        return true;
    }
}

using System.Buffers;

namespace MailServer.Protocol.Messages;

/// <summary>Writes a <see cref="PartTable"/>: the message first, then each part before its children.</summary>
public sealed class PartTableWriter(IBufferWriter<byte> output)
{
    private const int MaxEntry = 5 * 10;

    private long _headerOffset;

    public void Write(PartKind kind, int children, long headerOffset, long bodyOffset, long bodyLength)
    {
        var entry = output.GetSpan(MaxEntry);
        var length = 0;
        WriteNumber(entry, ref length, (long)kind);
        WriteNumber(entry, ref length, children);
        WriteNumber(entry, ref length, headerOffset - _headerOffset);
        WriteNumber(entry, ref length, bodyOffset - headerOffset);
        WriteNumber(entry, ref length, bodyLength);
        output.Advance(length);
        _headerOffset = headerOffset;
    }

    private static void WriteNumber(Span<byte> entry, ref int length, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (; value >= 0x80; value >>= 7) entry[length++] = (byte)(value | 0x80);
        entry[length++] = (byte)value;
    }
}

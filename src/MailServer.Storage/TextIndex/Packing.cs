using System.Buffers.Binary;
using System.Numerics;

namespace MailServer.Storage.TextIndex;

/// <summary>Numbers of variable length, and the checksums of what contains them. SQLite does not notice when the content of a blob is overwritten.</summary>
internal static class Packing
{
    public const int ChecksumSize = 4;

    public static void Write(List<byte> target, ulong value)
    {
        for (; value >= 0x80; value >>= 7) target.Add((byte)(value | 0x80));
        target.Add((byte)value);
    }

    public static void WriteSigned(List<byte> target, long value) => Write(target, (ulong)((value << 1) ^ (value >> 63)));

    public static int SizeOf(ulong value) => ((BitOperations.Log2(value | 1)) / 7) + 1;

    /// <exception cref="InvalidDataException">The data ends within a number.</exception>
    public static ulong Read(ReadOnlySpan<byte> data, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= data.Length) break;
            var octet = data[at++];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80) return value;
        }

        throw new InvalidDataException("a number is cut off");
    }

    public static long ReadSigned(ReadOnlySpan<byte> data, ref int at)
    {
        var value = Read(data, ref at);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>Writes the checksum of all that follows it into the first octets.</summary>
    public static void Seal(Span<byte> data) => BinaryPrimitives.WriteUInt32LittleEndian(data, Checksum(data[ChecksumSize..]));

    /// <exception cref="InvalidDataException">The checksum is wrong.</exception>
    public static void Verify(ReadOnlySpan<byte> data)
    {
        if (data.Length < ChecksumSize || BinaryPrimitives.ReadUInt32LittleEndian(data) != Checksum(data[ChecksumSize..]))
            throw new InvalidDataException("a checksum is wrong");
    }

    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        var checksum = uint.MaxValue;
        for (; data.Length >= 8; data = data[8..]) checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var octet in data) checksum = BitOperations.Crc32C(checksum, octet);
        return checksum;
    }
}

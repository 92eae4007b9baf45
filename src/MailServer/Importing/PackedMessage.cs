using System.Buffers.Binary;
using System.IO.Compression;

namespace MailServer.Importing;

/// <summary>Recognises and unpacks message files that another server compressed or encrypted (Dovecot's <c>mail_compress</c> and <c>mail_crypt</c>); their names do not show it.</summary>
internal static class PackedMessage
{
    // Length of the original at the end of a gzip file, modulo 2^32.
    private const int LengthOctets = 4;
    private const int SmallestGzip = 18;

    private static readonly (byte[] Start, string Form)[] Unreadable =
    [
        ([.. "BZh"u8], "compressed with bzip2"),
        ([0xFD, .. "7zXZ\0"u8], "compressed with xz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd"),
        ([0x04, 0x22, 0x4D, 0x18], "compressed with lz4"),
        ([.. "Dovecot-LZ4"u8], "compressed with lz4"),
        ([.. "CRYPTED"u8, 0x03, 0x07], "encrypted"),
    ];

    /// <summary>Whether the content is compressed with gzip, the only form that is unpacked.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> content) => content is [0x1F, 0x8B, ..];

    /// <summary>The unsupported compression or encryption of a file; null for a plain message.</summary>
    public static string? FormOf(ReadOnlySpan<byte> content)
    {
        foreach (var (start, form) in Unreadable)
            if (content.StartsWith(start)) return form;
        return null;
    }

    /// <summary>Unpacks a gzip file; null when the message is larger than <paramref name="most"/> octets.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static byte[]? Inflate(byte[] content, long most)
    {
        if (content.Length < SmallestGzip) throw new InvalidDataException("the file is incomplete");
        using var input = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        using var output = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (input.Read(buffer) is > 0 and var read)
        {
            if (output.Length + read > most) return null;
            output.Write(buffer, 0, read);
        }

        // Decompression of a truncated file may end without an error.
        if (BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(content.Length - LengthOctets)) != (uint)output.Length) throw new InvalidDataException("the file is incomplete");
        return output.ToArray();
    }
}

using System.Buffers;
using System.IO.Pipelines;

namespace MailServer.Network.Acme;

/// <summary>Reads a client's first TLS record without consuming it.</summary>
internal static class ClientHello
{
    private const int RecordHeader = 5;
    private const int MaxRecord = 16 * 1024; // RFC 8446 §5.1
    private const byte Handshake = 22;
    private const int ExtensionAlpn = 16; // RFC 7301 §3.1

    /// <summary>True when the client offers <paramref name="protocol"/>. False for anything but a complete ClientHello in one record.</summary>
    public static async ValueTask<bool> OffersAsync(PipeReader input, ReadOnlyMemory<byte> protocol, CancellationToken cancel)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancel);
            var length = RecordLength(read.Buffer);
            if (length is null && !read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            if (length > read.Buffer.Length && !read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            var offers = length <= read.Buffer.Length && Offers(read.Buffer.Slice(0, length.Value).ToArray(), protocol.Span);
            input.AdvanceTo(read.Buffer.Start);
            return offers;
        }
    }

    /// <summary>Parses a ClientHello (RFC 8446 §4.1.2); slicing checks every length.</summary>
    internal static bool Offers(ReadOnlySpan<byte> record, ReadOnlySpan<byte> protocol)
    {
        const int HandshakeHeader = 4;
        const int VersionAndRandom = 34;
        var rest = record[Math.Min(record.Length, RecordHeader + HandshakeHeader + VersionAndRandom)..];
        if (!TryTake(ref rest, 1, out _) || !TryTake(ref rest, 2, out _) || !TryTake(ref rest, 1, out _) || !TryTake(ref rest, 2, out var extensions)) return false;
        while (extensions.Length >= 2)
        {
            var type = (extensions[0] << 8) | extensions[1];
            extensions = extensions[2..];
            if (!TryTake(ref extensions, 2, out var body)) return false;
            if (type != ExtensionAlpn) continue;
            if (!TryTake(ref body, 2, out var names)) return false;
            while (TryTake(ref names, 1, out var name))
                if (name.SequenceEqual(protocol)) return true;
            return false;
        }

        return false;
    }

    /// <summary>The length of the record with its header; null when more data is needed. Data that is not a handshake has no length to wait for.</summary>
    private static int? RecordLength(ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < RecordHeader) return null;
        Span<byte> header = stackalloc byte[RecordHeader];
        buffer.Slice(0, RecordHeader).CopyTo(header);
        var length = (header[3] << 8) | header[4];
        return header[0] == Handshake && length <= MaxRecord ? RecordHeader + length : 0;
    }

    /// <summary>Reads a TLS vector with its length prefix.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> from, int lengthOctets, out ReadOnlySpan<byte> taken)
    {
        taken = [];
        if (from.Length < lengthOctets) return false;
        var length = lengthOctets == 1 ? from[0] : (from[0] << 8) | from[1];
        if (from.Length - lengthOctets < length) return false;
        taken = from.Slice(lengthOctets, length);
        from = from[(lengthOctets + length)..];
        return true;
    }
}

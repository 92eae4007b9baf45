namespace MailServer.Domain.Collections;

/// <summary>
/// Packs the start and end times of the instances of an event for the index, so that time-range queries need not read the event.
/// Times are in seconds of Unix time: each start is stored as the difference from the previous start, each end as a duration.
/// </summary>
public static class InstanceTimes
{
    /// <param name="times">Instances sorted by start; no instance ends before its start.</param>
    public static byte[] Pack(IReadOnlyList<(long Start, long End)> times)
    {
        ArgumentNullException.ThrowIfNull(times);
        using var stream = new MemoryStream(times.Count * 6);
        using var writer = new BinaryWriter(stream);
        var last = 0L;
        foreach (var (start, end) in times)
        {
            writer.Write7BitEncodedInt64(start - last);
            writer.Write7BitEncodedInt64(end - start);
            last = start;
        }

        return stream.ToArray();
    }

    /// <summary>True if an instance overlaps the range as RFC 4791 §9.9 defines for events; an instance without duration occurs at its start.</summary>
    public static bool Overlap(ReadOnlySpan<byte> packed, long first, long last)
    {
        var at = 0;
        var start = 0L;
        while (at < packed.Length)
        {
            start += Read(packed, ref at);
            if (start >= last) return false;
            var length = Read(packed, ref at);
            if (length > 0 ? start + length > first : start >= first) return true;
        }

        return false;
    }

    private static long Read(ReadOnlySpan<byte> packed, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; at < packed.Length && shift < 64; shift += 7)
        {
            var octet = packed[at++];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80) break;
        }

        return (long)value;
    }
}

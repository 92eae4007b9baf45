using System.Globalization;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>A range of results (RFC 9394 §4): <c>1:500</c> counts from the oldest message, <c>-1:-100</c> from the newest. The two numbers may be in any order.</summary>
internal readonly record struct PartialRange(uint First, uint Last, bool IsFromEnd)
{
    /// <summary>The part of a list of <paramref name="count"/> results that belongs to the range; empty when they do not reach it.</summary>
    public Range Within(int count)
    {
        long lowest = Math.Min(First, Last), highest = Math.Min(Math.Max(First, Last), (uint)count);
        if (lowest > highest) return 0..0;
        return IsFromEnd ? (int)(count - highest)..(int)(count - lowest + 1) : (int)(lowest - 1)..(int)highest;
    }

    /// <summary>partial-range.</summary>
    public static bool Read(ref ImapReader reader, out PartialRange range)
    {
        range = default;
        var isFromEnd = reader.TryRead((byte)'-');
        if (!reader.ReadNonZero(out var first) || !reader.TryRead((byte)':')) return false;
        if (isFromEnd && !reader.TryRead((byte)'-')) return false;
        if (!reader.ReadNonZero(out var last)) return false;
        range = new PartialRange(first, last, isFromEnd);
        return true;
    }

    /// <summary>The range as the client wrote it.</summary>
    public override string ToString()
    {
        var sign = IsFromEnd ? "-" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{First}:{sign}{Last}");
    }
}

using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Writing;

/// <summary>Dates in IMAP format (RFC 3501 §9, <c>date</c> and <c>date-time</c>).</summary>
internal static class ImapDates
{
    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    public static ReadOnlySpan<byte> Month(int month) => Months.Slice((month - 1) * 3, 3);

    /// <summary>date: <c>1-Feb-2026</c>, quoted or not.</summary>
    public static bool ReadDate(ref ImapReader reader, out DateOnly date)
    {
        date = default;
        var quoted = reader.TryRead((byte)'"');
        if (!ReadDay(ref reader, out var year, out var month, out var day)) return false;
        date = new DateOnly(year, month, day);
        return !quoted || reader.TryRead((byte)'"');
    }

    /// <summary>date-time: <c>" 1-Feb-2026 03:04:05 +0100"</c>.</summary>
    public static bool ReadDateTime(ref ImapReader reader, out DateTimeOffset time)
    {
        time = default;
        if (!reader.TryRead((byte)'"')) return false;
        reader.ReadSpace();
        if (!ReadDay(ref reader, out var year, out var month, out var day) || !reader.ReadSpace()) return false;
        if (!ReadTwo(ref reader, out var hour) || !reader.TryRead((byte)':')) return false;
        if (!ReadTwo(ref reader, out var minute) || !reader.TryRead((byte)':')) return false;
        if (!ReadTwo(ref reader, out var second) || !reader.ReadSpace()) return false;
        if (!ReadZone(ref reader, out var zone) || !reader.TryRead((byte)'"')) return false;
        if (hour > 23 || minute > 59 || second > 60) return false;
        var local = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Unspecified);
        if (local.Ticks - zone.Ticks < 0 || local.Ticks - zone.Ticks > System.DateTime.MaxValue.Ticks) return false;
        time = new DateTimeOffset(local, zone);
        return true;
    }

    private static bool ReadDay(ref ImapReader reader, out int year, out int month, out int day)
    {
        year = month = 0;
        day = 0;
        if (!reader.ReadNumber(out var d) || !reader.TryRead((byte)'-') || !ReadMonth(ref reader, out month)) return false;
        // date-year = 4DIGIT: two digits would be a year of the first century.
        if (!reader.TryRead((byte)'-') || !ReadTwo(ref reader, out var century) || !ReadTwo(ref reader, out var ofCentury)) return false;
        year = (century * 100) + ofCentury;
        if (year == 0) return false;
        day = (int)Math.Min(d, 99);
        return day >= 1 && day <= System.DateTime.DaysInMonth(year, month);
    }

    private static bool ReadMonth(ref ImapReader reader, out int month)
    {
        for (month = 1; month <= 12; month++)
            if (reader.TryReadWord(Month(month))) return true;
        return false;
    }

    private static bool ReadZone(ref ImapReader reader, out TimeSpan zone)
    {
        zone = default;
        var negative = reader.TryRead((byte)'-');
        if (!negative && !reader.TryRead((byte)'+')) return false;
        if (!ReadTwo(ref reader, out var hours) || !ReadTwo(ref reader, out var minutes) || minutes > 59) return false;
        var offset = new TimeSpan(hours, minutes, 0);
        zone = negative ? -offset : offset;
        return offset <= TimeSpan.FromHours(14); // the maximum of DateTimeOffset
    }

    private static bool ReadTwo(ref ImapReader reader, out int value)
    {
        value = 0;
        if (reader.Rest is not [>= (byte)'0' and <= (byte)'9', >= (byte)'0' and <= (byte)'9', ..] rest) return false;
        value = ((rest[0] - '0') * 10) + rest[1] - '0';
        return reader.TryRead(rest[0]) && reader.TryRead(rest[1]);
    }
}

using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Times;

/// <summary>Parses the date, time and offset values of RFC 5545 §3.3.</summary>
internal static class CalendarValues
{
    /// <summary>Parses <c>19980118T230000Z</c>, <c>19980118T230000</c> or <c>19980118</c>. A leap second becomes the second before it.</summary>
    public static bool TryReadTime(ReadOnlySpan<char> text, out DateTime local, out CalendarTimeForm form)
    {
        text = text.Trim();
        local = default;
        form = CalendarTimeForm.Date;
        if (text.Length < 8 || !TryNumber(text[..4], out var year) || !TryNumber(text[4..6], out var month) || !TryNumber(text[6..8], out var day))
            return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        local = new DateTime(year, month, day);
        if (text.Length == 8)
            return true;
        form = text[^1] is 'Z' or 'z' ? CalendarTimeForm.Utc : CalendarTimeForm.Floating;
        var clock = form == CalendarTimeForm.Utc ? text[9..^1] : text[9..];
        if (text[8] is not ('T' or 't') || !TryReadClock(clock, out var time))
            return false;
        local += time;
        return true;
    }

    /// <summary>Parses a UTC offset: <c>+0100</c>, <c>-053000</c>.</summary>
    public static bool TryReadOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        text = text.Trim();
        if (text.Length < 2)
            return false;
        var negative = text[0] == '-';
        if (text[0] is '+' or '-')
            text = text[1..];
        if (!TryReadClock(text, out offset))
            return false;
        offset = negative ? -offset : offset;
        return true;
    }

    /// <summary>Parses a time property and resolves its TZID. A time with an unknown TZID is floating.</summary>
    public static bool TryReadTime(ContentLine line, ITimeZoneSource zones, out CalendarTime time) => TryReadTime(line.Text, line, zones, out time);

    /// <summary>Parses one of the values of <paramref name="line"/>.</summary>
    public static bool TryReadTime(ReadOnlySpan<char> value, ContentLine line, ITimeZoneSource zones, out CalendarTime time)
    {
        time = default;
        if (!TryReadTime(value, out var local, out var form))
            return false;
        var zone = form == CalendarTimeForm.Floating && ZoneName.UsedBy(line) is { } name ? zones.Find(name) : null;
        time = new CalendarTime(local, zone is null ? form : CalendarTimeForm.Zoned, zone);
        return true;
    }

    private static bool TryReadClock(ReadOnlySpan<char> text, out TimeSpan time)
    {
        time = default;
        var second = 0;
        if (text.Length is not (4 or 6) || !TryNumber(text[..2], out var hour) || !TryNumber(text[2..4], out var minute))
            return false;
        if (text.Length == 6 && !TryNumber(text[4..], out second) || hour > 23 || minute > 59 || second > 60)
            return false;
        time = new TimeSpan(hour, minute, Math.Min(second, 59));
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            number = number * 10 + digit - '0';
        }

        return true;
    }
}

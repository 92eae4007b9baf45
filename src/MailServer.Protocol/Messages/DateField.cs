using System.Text;
using MimeKit.Utils;

namespace MailServer.Protocol.Messages;

/// <summary>The calendar day of a Date field in the field's own time zone (RFC 5322 §3.3).</summary>
internal static class DateField
{
    private const int MaxDateLength = 256;

    public static DateOnly? ReadDay(ReadOnlySpan<byte> value)
    {
        if (TryReadUsual(value, out var day)) return day;
        if (value.Length > MaxDateLength || !DateUtils.TryParse(value.ToArray(), out var date)) return null;
        return DateOnly.FromDateTime(date.DateTime);
    }

    /// <summary>The time of a Date field; null when it cannot be read. Without a valid time or zone it is midnight of the day, in UTC (RFC 5256 §2.2).</summary>
    public static DateTimeOffset? ReadTime(ReadOnlySpan<byte> value)
    {
        if (value.Length <= MaxDateLength && DateUtils.TryParse(value.ToArray(), out var time)) return time;
        return ReadDay(value) is { } day ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) : null;
    }

    // [ day-name "," ] 1*2DIGIT FWS month-name FWS 4DIGIT: the usual form. MimeKit parses all other forms.
    private static bool TryReadUsual(ReadOnlySpan<byte> value, out DateOnly result)
    {
        result = default;
        if (value.Length > 4 && value[3] == ',') value = value[4..].TrimStart((byte)' ');
        if (!TryReadNumber(ref value, 2, out var day) || value.Length < 4) return false;
        var month = MonthOf(value[..3]);
        if (month == 0 || value[3] != ' ') return false;
        value = value[4..];
        if (!TryReadNumber(ref value, 4, out var year) || year < 1000 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        result = new DateOnly(year, month, day);
        return true;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> value, int most, out int number)
    {
        number = 0;
        var digits = 0;
        for (; digits < value.Length && value[digits] is >= (byte)'0' and <= (byte)'9'; digits++)
        {
            if (digits == most) return false;
            number = (number * 10) + value[digits] - '0';
        }

        if (digits == 0 || digits == value.Length || value[digits] != ' ') return false;
        value = value[(digits + 1)..];
        return true;
    }

    private static int MonthOf(ReadOnlySpan<byte> name)
    {
        var names = "JanFebMarAprMayJunJulAugSepOctNovDec"u8;
        for (var month = 0; month < 12; month++)
        {
            if (Ascii.EqualsIgnoreCase(name, names.Slice(month * 3, 3))) return month + 1;
        }

        return 0;
    }
}

using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>A DURATION (RFC 5545 §3.3.6): a nominal number of days and an exact number of hours, minutes and seconds.</summary>
public readonly record struct CalendarDuration(int Days, TimeSpan Time)
{
    public bool IsPositive => Days > 0 || Days == 0 && Time > TimeSpan.Zero;

    /// <summary>An upper bound of the length in any time zone.</summary>
    internal TimeSpan MaxLength => TimeSpan.FromDays(Math.Abs((double)Days)) + Time.Duration() + TimeSpan.FromHours(2);

    internal DateTime AddTo(CalendarTime start, CalendarTimeZone floating) =>
        start.At(start.Local.PlusDays(Days)).ToUtc(floating).Plus(Time);

    public static bool TryParse(ReadOnlySpan<char> text, out CalendarDuration duration)
    {
        duration = default;
        text = text.Trim();
        var sign = text.StartsWith("-", StringComparison.Ordinal) ? -1 : 1;
        if (text.Length > 0 && text[0] is '+' or '-')
            text = text[1..];
        // Some clients write P1DT.
        if (text.Length > 3 && text[^1] is 'T' or 't')
            text = text[..^1];
        if (text.Length < 3 || text[0] is not ('P' or 'p') || !char.IsAsciiLetter(text[^1]) || text[^1] is 'T' or 't')
            return false;
        text = text[1..];
        long days = 0, seconds = 0;
        var inTime = false;
        while (!text.IsEmpty)
        {
            if (!inTime && text[0] is 'T' or 't')
            {
                inTime = true;
                text = text[1..];
                continue;
            }

            if (!TryReadPart(ref text, out var number, out var unit) || !Add(number, unit, inTime, ref days, ref seconds))
                return false;
        }

        duration = new CalendarDuration((int)days * sign, TimeSpan.FromSeconds(seconds * sign));
        return true;
    }

    private static bool TryReadPart(ref ReadOnlySpan<char> text, out int number, out char unit)
    {
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        number = 0;
        unit = digits > 0 ? char.ToUpperInvariant(text[digits]) : '\0';
        if (digits is < 1 or > 9)
            return false;
        number = int.Parse(text[..digits], System.Globalization.CultureInfo.InvariantCulture);
        text = text[(digits + 1)..];
        return true;
    }

    /// <summary>Adds one part; false for an unknown unit, or if the total exceeds the range of years 1 to 9999.</summary>
    private static bool Add(int number, char unit, bool inTime, ref long days, ref long seconds)
    {
        switch (unit)
        {
            case 'W' when !inTime: days += number * 7L; break;
            case 'D' when !inTime: days += number; break;
            case 'H' when inTime: seconds += number * 3600L; break;
            case 'M' when inTime: seconds += number * 60L; break;
            case 'S' when inTime: seconds += number; break;
            default: return false;
        }

        return days < 3_660_000 && seconds < 316_000_000_000;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>Parses RECUR values (RFC 5545 §3.3.10). Unknown parts (X-) are ignored.</summary>
internal static class RecurrenceRuleParser
{
    /// <summary>BYYEARDAY can list each of the 366 days of a year with both signs.</summary>
    private const int MaxListed = 732;

    public static bool TryParse(string text, [NotNullWhen(true)] out RecurrenceRule? rule)
    {
        var read = new RecurrenceRule();
        var hasFrequency = false;
        rule = null;
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                return false;
            var name = part[..equals].ToUpperInvariant();
            hasFrequency |= name == "FREQ";
            if (WithPart(read, name, part[(equals + 1)..]) is not { } next)
                return false;
            read = next;
        }

        rule = hasFrequency ? read : null;
        return hasFrequency;
    }

    private static RecurrenceRule? WithPart(RecurrenceRule rule, string name, string value) => name switch
    {
        "FREQ" => Enum.TryParse<RecurrenceFrequency>(value, ignoreCase: true, out var frequency) && !char.IsAsciiDigit(value[0]) ? rule with { Frequency = frequency } : null,
        "INTERVAL" => TryNumber(value, out var interval) && interval > 0 ? rule with { Interval = interval } : null,
        "COUNT" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? rule with { Count = Math.Max(1, count) } : null,
        "UNTIL" => CalendarValues.TryReadTime(value, out var until, out var form) ? rule with { Until = until, UntilForm = form } : null,
        "RSCALE" => value.Equals("GREGORIAN", StringComparison.OrdinalIgnoreCase) ? rule : rule with { IsGregorian = false },
        "SKIP" => value.Equals("OMIT", StringComparison.OrdinalIgnoreCase) ? rule : rule with { IsGregorian = false },
        "WKST" => TryDay(value, out var day) ? rule with { WeekStart = day } : null,
        _ => WithList(rule, name, value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
    };

    private static RecurrenceRule? WithList(RecurrenceRule rule, string name, string[] values) => name switch
    {
        _ when values.Length > MaxListed => null,
        "BYSECOND" => Numbers(values, 0, 60) is { } list ? rule with { Seconds = [.. list.Select(s => Math.Min(s, 59)).Distinct()] } : null,
        "BYMINUTE" => Numbers(values, 0, 59) is { } list ? rule with { Minutes = list } : null,
        "BYHOUR" => Numbers(values, 0, 23) is { } list ? rule with { Hours = list } : null,
        "BYDAY" => Weekdays(values) is { } list ? rule with { Weekdays = list } : null,
        "BYMONTHDAY" => Numbers(values, -31, 31) is { } list ? rule with { MonthDays = list } : null,
        "BYYEARDAY" => Numbers(values, -366, 366) is { } list ? rule with { YearDays = list } : null,
        "BYWEEKNO" => Numbers(values, -53, 53) is { } list ? rule with { WeekNumbers = list } : null,
        "BYMONTH" => Numbers(values, 1, 12) is { } list ? rule with { Months = list } : null,
        "BYSETPOS" => Numbers(values, -366, 366) is { } list ? rule with { Positions = list } : null,
        _ => rule,
    };

    /// <summary>The distinct numbers in ascending order. Zero is invalid if negative numbers are allowed.</summary>
    private static int[]? Numbers(string[] values, int least, int most)
    {
        var numbers = new SortedSet<int>();
        foreach (var value in values)
        {
            if (!TryNumber(value, out var number) || number < least || number > most || number == 0 && least < 0)
                return null;
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static bool TryNumber(string value, out int number) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static ByDayEntry[]? Weekdays(string[] values)
    {
        var days = new ByDayEntry[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            var ordinal = 0;
            if (value.Length < 2 || !TryDay(value[^2..], out var day) || value.Length > 2 && !TryNumber(value[..^2], out ordinal) || Math.Abs(ordinal) > 53)
                return null;
            days[i] = new ByDayEntry(ordinal, day);
        }

        return days;
    }

    private static bool TryDay(string value, out DayOfWeek day)
    {
        var index = Array.IndexOf(["SU", "MO", "TU", "WE", "TH", "FR", "SA"], value.ToUpperInvariant());
        day = (DayOfWeek)Math.Max(index, 0);
        return index >= 0;
    }
}

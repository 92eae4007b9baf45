using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>
/// Tests whether a day matches the BY parts of a rule that select days. Missing parts are derived from DTSTART
/// (RFC 5545 §3.3.10, "information … derived from DTSTART").
/// </summary>
internal sealed class DayFilter
{
    private readonly RecurrenceRule _rule;
    private readonly int _months;
    private readonly int[] _monthDays;
    private readonly ByDayEntry[] _weekdays;

    /// <summary>True if the ordinals of BYDAY are relative to the year; false if they are relative to the month.</summary>
    private readonly bool _ordinalsOfYear;

    /// <summary>True if the ordinals of BYDAY apply to this frequency.</summary>
    private readonly bool _ordinals;

    public DayFilter(RecurrenceRule rule, DateTime start)
    {
        _rule = rule;
        var months = rule.Months;
        _monthDays = rule.MonthDays;
        _weekdays = rule.Weekdays;
        if (_monthDays.Length + _weekdays.Length + rule.YearDays.Length == 0)
        {
            var byWeek = rule.Frequency == RecurrenceFrequency.Weekly || rule is { Frequency: RecurrenceFrequency.Yearly, WeekNumbers.Length: > 0 };
            if (byWeek)
                _weekdays = [new ByDayEntry(0, start.DayOfWeek)];
            else if (rule.Frequency is RecurrenceFrequency.Yearly or RecurrenceFrequency.Monthly)
                _monthDays = [start.Day];
            if (rule.Frequency == RecurrenceFrequency.Yearly && !byWeek && months.Length == 0)
                months = [start.Month];
        }

        _months = months.Aggregate(0, (mask, month) => mask | 1 << month);
        _ordinals = rule.Frequency is RecurrenceFrequency.Yearly or RecurrenceFrequency.Monthly && rule.WeekNumbers.Length == 0;
        _ordinalsOfYear = rule.Frequency == RecurrenceFrequency.Yearly && rule.Months.Length == 0;
    }

    /// <summary>True if no day of this month can match.</summary>
    public bool ExcludesMonth(int month) => _months != 0 && (_months & 1 << month) == 0;

    public bool Matches(DateTime day) =>
        !ExcludesMonth(day.Month) && TakesMonthDay(day) && TakesYearDay(day) && TakesWeekNumber(day) && TakesWeekday(day);

    private bool TakesMonthDay(DateTime day) =>
        _monthDays.Length == 0
        || Array.IndexOf(_monthDays, day.Day) >= 0
        || _monthDays[0] < 0 && Array.IndexOf(_monthDays, day.Day - DateTime.DaysInMonth(day.Year, day.Month) - 1) >= 0;

    private bool TakesYearDay(DateTime day) =>
        _rule.YearDays.Length == 0
        || Array.IndexOf(_rule.YearDays, day.DayOfYear) >= 0
        || Array.IndexOf(_rule.YearDays, day.DayOfYear - DaysInYear(day.Year) - 1) >= 0;

    private bool TakesWeekNumber(DateTime day)
    {
        if (_rule.WeekNumbers.Length == 0)
            return true;
        var (week, weeks) = WeekOf(day);
        return Array.IndexOf(_rule.WeekNumbers, week) >= 0 || Array.IndexOf(_rule.WeekNumbers, week - weeks - 1) >= 0;
    }

    /// <summary>The week number and the number of weeks in its year. Week 1 is the first with at least four days in the year.</summary>
    private (int Week, int Weeks) WeekOf(DateTime day)
    {
        var intoWeek = ((int)day.DayOfWeek - (int)_rule.WeekStart + 7) % 7;
        var middle = day.PlusDays(3 - intoWeek);
        var week = (middle.DayOfYear - 1) / 7 + 1;
        var lastMiddle = middle.DayOfYear + (DaysInYear(middle.Year) - middle.DayOfYear) / 7 * 7;
        return (week, (lastMiddle - 1) / 7 + 1);
    }

    private bool TakesWeekday(DateTime day)
    {
        if (_weekdays.Length == 0)
            return true;
        foreach (var rule in _weekdays)
        {
            if (rule.Day == day.DayOfWeek && (rule.Ordinal == 0 || !_ordinals || IsOrdinal(day, rule.Ordinal)))
                return true;
        }

        return false;
    }

    private bool IsOrdinal(DateTime day, int ordinal)
    {
        var (at, of) = _ordinalsOfYear ? (day.DayOfYear, DaysInYear(day.Year)) : (day.Day, DateTime.DaysInMonth(day.Year, day.Month));
        return ordinal > 0 ? (at - 1) / 7 + 1 == ordinal : (of - at) / 7 + 1 == -ordinal;
    }

    private static int DaysInYear(int year) => DateTime.IsLeapYear(year) ? 366 : 365;
}

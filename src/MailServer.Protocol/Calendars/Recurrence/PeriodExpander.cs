using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>Generates the candidates of one period: the matching days combined with the times of day, reduced by BYSETPOS.</summary>
internal sealed class PeriodExpander
{
    private readonly RecurrenceRule _rule;
    private readonly DayFilter _days;
    private readonly WorkBudget _budget;
    private readonly int[] _hours;
    private readonly int[] _minutes;
    private readonly int[] _seconds;

    public PeriodExpander(RecurrenceRule rule, DateTime start, WorkBudget budget)
    {
        _rule = rule;
        _days = new DayFilter(rule, start);
        _budget = budget;
        _hours = rule.Hours.Length > 0 ? rule.Hours : [start.Hour];
        _minutes = rule.Minutes.Length > 0 ? rule.Minutes : [start.Minute];
        _seconds = rule.Seconds.Length > 0 ? rule.Seconds : [start.Second];
    }

    /// <summary>For periods shorter than a day: if this period has no candidate, a later time before which there is none; otherwise null.</summary>
    public DateTime? SkipTo(DateTime period)
    {
        if (_rule.Frequency >= RecurrenceFrequency.Daily)
            return null;
        if (_days.ExcludesMonth(period.Month))
            return period.Date.PlusDays(DateTime.DaysInMonth(period.Year, period.Month) - period.Day + 1);
        if (!_days.Matches(period.Date))
            return period.Date.PlusDays(1);
        if (Excludes(_rule.Hours, period.Hour))
            return period.Date.Plus(TimeSpan.FromHours(period.Hour + 1));
        if (_rule.Frequency < RecurrenceFrequency.Hourly && Excludes(_rule.Minutes, period.Minute))
            return period.Date.Plus(new TimeSpan(period.Hour, period.Minute + 1, 0));
        return _rule.Frequency == RecurrenceFrequency.Secondly && Excludes(_rule.Seconds, period.Second) ? period.Plus(TimeSpan.FromSeconds(1)) : null;
    }

    public IEnumerable<DateTime> Expand(DateTime period)
    {
        var candidates = Candidates(period);
        return _rule.Positions.Length == 0 ? candidates : Chosen([.. candidates]);
    }

    private static bool Excludes(int[] list, int value) => list.Length > 0 && Array.IndexOf(list, value) < 0;

    private IEnumerable<DateTime> Candidates(DateTime period)
    {
        if (_rule.Frequency < RecurrenceFrequency.Daily)
            return Times(period);
        return Days(period).SelectMany(Times);
    }

    private IEnumerable<DateTime> Days(DateTime period)
    {
        var end = _rule.Frequency switch
        {
            RecurrenceFrequency.Yearly => period.PlusDays(DateTime.IsLeapYear(period.Year) ? 366 : 365),
            RecurrenceFrequency.Monthly => period.PlusDays(DateTime.DaysInMonth(period.Year, period.Month)),
            RecurrenceFrequency.Weekly => period.PlusDays(7),
            _ => period.PlusDays(1),
        };
        for (var day = period; day < end; day = day.AddDays(1))
        {
            if (_days.Matches(day))
                yield return day;
            if (day.Date == DateTime.MaxValue.Date)
                yield break;
            if (day.Day == 1 && _days.ExcludesMonth(day.Month))
                day = day.AddDays(DateTime.DaysInMonth(day.Year, day.Month) - 2);
        }
    }

    /// <summary>The times of day in a day or a shorter period.</summary>
    private IEnumerable<DateTime> Times(DateTime period)
    {
        var frequency = _rule.Frequency;
        foreach (var hour in frequency <= RecurrenceFrequency.Hourly ? [period.Hour] : _hours)
        {
            foreach (var minute in frequency <= RecurrenceFrequency.Minutely ? [period.Minute] : _minutes)
            {
                foreach (var second in frequency == RecurrenceFrequency.Secondly ? [period.Second] : _seconds)
                {
                    if (!_budget.Spend())
                        yield break;
                    yield return period.Date.Add(new TimeSpan(hour, minute, second));
                }
            }
        }
    }

    private IEnumerable<DateTime> Chosen(List<DateTime> candidates) => _rule.Positions
        .Select(p => p > 0 ? p - 1 : candidates.Count + p)
        .Where(i => i >= 0 && i < candidates.Count)
        .Distinct()
        .Order()
        .Select(i => candidates[i]);
}

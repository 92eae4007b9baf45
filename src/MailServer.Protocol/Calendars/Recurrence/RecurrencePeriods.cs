using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>
/// The periods of a rule (years, months, weeks, days, hours, minutes or seconds, <see cref="RecurrenceRule.Interval"/> apart), numbered
/// from the one that contains DTSTART. Each can be computed directly from its number.
/// </summary>
internal sealed class RecurrencePeriods(RecurrenceRule rule, DateTime start)
{
    private readonly DateTime _first = rule.Frequency switch
    {
        RecurrenceFrequency.Yearly => new DateTime(start.Year, 1, 1),
        RecurrenceFrequency.Monthly => new DateTime(start.Year, start.Month, 1),
        RecurrenceFrequency.Weekly => start.Date.PlusDays(-(((int)start.DayOfWeek - (int)rule.WeekStart + 7) % 7)),
        RecurrenceFrequency.Daily => start.Date,
        RecurrenceFrequency.Hourly => start.Date.AddHours(start.Hour),
        RecurrenceFrequency.Minutely => start.Date.AddHours(start.Hour).AddMinutes(start.Minute),
        _ => start,
    };

    /// <summary>The distance in ticks of periods that have a fixed length.</summary>
    private readonly Int128 _step = (Int128)rule.Interval * rule.Frequency switch
    {
        RecurrenceFrequency.Weekly => 7 * TimeSpan.TicksPerDay,
        RecurrenceFrequency.Daily => TimeSpan.TicksPerDay,
        RecurrenceFrequency.Hourly => TimeSpan.TicksPerHour,
        RecurrenceFrequency.Minutely => TimeSpan.TicksPerMinute,
        _ => TimeSpan.TicksPerSecond,
    };

    /// <summary>The start of period <paramref name="index"/>; null after year 9999.</summary>
    public DateTime? Start(long index)
    {
        if (rule.Frequency is RecurrenceFrequency.Yearly or RecurrenceFrequency.Monthly)
        {
            var months = (Int128)index * rule.Interval * (rule.Frequency == RecurrenceFrequency.Yearly ? 12 : 1) + _first.Year * 12 + _first.Month - 1;
            return months < 10_000 * 12 ? new DateTime((int)(months / 12), (int)(months % 12) + 1, 1) : null;
        }

        var ticks = _first.Ticks + index * _step;
        return ticks <= DateTime.MaxValue.Ticks ? new DateTime((long)ticks) : null;
    }

    /// <summary>The number of the last period that starts at or before <paramref name="time"/>; at least 0.</summary>
    public long IndexOf(DateTime time)
    {
        if (time <= _first)
            return 0;
        var index = rule.Frequency switch
        {
            RecurrenceFrequency.Yearly => (time.Year - _first.Year) / rule.Interval,
            RecurrenceFrequency.Monthly => ((time.Year - _first.Year) * 12 + time.Month - _first.Month) / rule.Interval,
            _ => (time.Ticks - _first.Ticks) / _step,
        };
        return (long)index;
    }
}

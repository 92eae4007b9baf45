using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>
/// Enumerates the instances of one rule in local time, in order.
/// <para>
/// Expansion starts just before the requested time if the rule has no COUNT, or has COUNT without BY parts and an instance in every period.
/// All other rules with COUNT are expanded from the start. Every period and every candidate uses one step of the budget.
/// </para>
/// </summary>
internal sealed class RecurrenceIterator
{
    /// <summary>A rule with COUNT is entered late only if it would otherwise expand more periods than this.</summary>
    private const int WorthSkipping = 4_096;

    private readonly RecurrenceRule _rule;
    private readonly DateTime _start;
    private readonly CalendarTimeZone? _zone;
    private readonly WorkBudget _budget;
    private readonly DateTime _until;
    private readonly RecurrencePeriods _periods;
    private readonly PeriodExpander _expander;

    // Local times that a transition of the zone skips are not instances. The zone is null for dates and floating times.
    public RecurrenceIterator(RecurrenceRule rule, DateTime start, CalendarTimeZone? zone, WorkBudget budget)
    {
        _rule = rule;
        _start = start;
        _zone = zone;
        _budget = budget;
        _until = LastLocal(rule, zone);
        _periods = new RecurrencePeriods(rule, start);
        _expander = new PeriodExpander(rule, start, budget);
    }

    /// <summary>
    /// The instances from about <paramref name="seek"/> on, possibly preceded by some earlier ones.
    /// If <paramref name="startCounts"/> is true, DTSTART is the first instance even if it does not match the rule (RFC 5545 §3.8.5.3).
    /// </summary>
    public IEnumerable<DateTime> From(DateTime seek, bool startCounts = true)
    {
        if (startCounts)
            yield return _start;
        var index = FirstPeriod(seek);
        var counted = index == 0 ? startCounts ? 1 : 0 : index;
        while (_budget.Spend() && _periods.Start(index) is { } period && period <= _until && !(counted >= _rule.Count))
        {
            if (_expander.SkipTo(period) is { } later)
            {
                index = Math.Max(index + 1, later == DateTime.MaxValue ? long.MaxValue : _periods.IndexOf(later.AddTicks(-1)) + 1);
                if (later == DateTime.MaxValue)
                    yield break;
                continue;
            }

            foreach (var candidate in _expander.Expand(period))
            {
                if (candidate > _until || counted >= _rule.Count || _budget.Exhausted)
                    yield break;
                if (candidate < _start || candidate == _start && startCounts || !Exists(candidate))
                    continue;
                counted++;
                yield return candidate;
            }

            index++;
        }
    }

    private bool Exists(DateTime local) => _zone is null || _zone.TryToUtc(local, out _);

    private long FirstPeriod(DateTime seek)
    {
        var index = Math.Max(0, _periods.IndexOf(seek) - 1);
        if (_rule.Count is null)
            return index;
        var everyPeriodHasOne = _rule.HasNoByParts && (_rule.Frequency < RecurrenceFrequency.Monthly || _start.Day <= 28);
        return everyPeriodHasOne && index > WorthSkipping ? index : 0;
    }

    /// <summary>UNTIL as local time. A DATE includes the whole day.</summary>
    private static DateTime LastLocal(RecurrenceRule rule, CalendarTimeZone? zone) => rule switch
    {
        { Until: null } => DateTime.MaxValue,
        { UntilForm: CalendarTimeForm.Date } => rule.Until.Value.PlusDays(1).Minus(TimeSpan.FromTicks(1)),
        { UntilForm: CalendarTimeForm.Utc } when zone is not null => zone.ToLocal(rule.Until.Value),
        _ => rule.Until.Value,
    };
}

using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// A VTIMEZONE (RFC 5545 §3.6.5). The transitions of a year are computed on first use and cached, so unbounded rules that start in 1601
/// are cheap. One budget limits the total work.
/// </summary>
internal sealed class VTimeZone : CalendarTimeZone
{
    private const int MaxWork = 500_000;

    private readonly Observance[] _observances;
    private readonly WorkBudget _budget = new(MaxWork);
    private readonly Dictionary<int, YearTransitions> _years = [];
    private readonly Lock _lock = new();

    private VTimeZone(Observance[] observances) => _observances = observances;

    /// <summary>Null if the definition has no usable STANDARD or DAYLIGHT part.</summary>
    public static VTimeZone? Read(ContentComponent definition)
    {
        var observances = definition.Components.Select(Observance.Read).OfType<Observance>().OrderBy(o => o.Start).ToArray();
        return observances.Length == 0 ? null : new VTimeZone(observances);
    }

    public override TimeSpan OffsetAt(DateTime utc)
    {
        var year = YearOf(utc.Year);
        var offset = year.Before;
        foreach (var change in year.Changes)
        {
            if (change.Utc > utc)
                break;
            offset = change.To;
        }

        return offset;
    }

    private YearTransitions YearOf(int year)
    {
        lock (_lock)
        {
            if (!_years.TryGetValue(year, out var known))
                _years[year] = known = Compute(year);
            return known;
        }
    }

    private YearTransitions Compute(int year)
    {
        var start = new DateTime(year, 1, 1);
        var end = year == 9999 ? DateTime.MaxValue : new DateTime(year + 1, 1, 1);
        var changes = new List<OffsetTransition>();
        OffsetTransition? last = null;
        foreach (var observance in _observances)
        {
            foreach (var change in observance.Changes(start, end, _budget))
            {
                if (change.Utc >= start && change.Utc < end)
                    changes.Add(change);
                else if (change.Utc < start && !(change.Utc < last?.Utc))
                    last = change;
            }
        }

        changes.Sort((a, b) => a.Utc.CompareTo(b.Utc));
        return new YearTransitions(last?.To ?? _observances[0].From, [.. changes]);
    }

    /// <summary>The offset at the start of a year and the transitions in that year.</summary>
    private sealed record YearTransitions(TimeSpan Before, OffsetTransition[] Changes);

    private readonly record struct OffsetTransition(DateTime Utc, TimeSpan To);

    /// <summary>A STANDARD or DAYLIGHT part: the new offset and the times of the transitions.</summary>
    private sealed record Observance(DateTime Start, TimeSpan From, TimeSpan To, RecurrenceRule? Rule, DateTime[] Dates)
    {
        public static Observance? Read(ContentComponent content)
        {
            if (content.Name is not ("STANDARD" or "DAYLIGHT")
                || !CalendarValues.TryReadTime(content.Line("DTSTART")?.Text, out var start, out _)
                || !CalendarValues.TryReadOffset(content.Line("TZOFFSETTO")?.Text, out var to))
                return null;
            var from = CalendarValues.TryReadOffset(content.Line("TZOFFSETFROM")?.Text, out var before) ? before : to;
            var rule = content.Line("RRULE") is { } line && RecurrenceRuleParser.TryParse(line.Text, out var read) && read.Frequency >= RecurrenceFrequency.Daily
                ? InLocalTime(read, from)
                : null;
            return new Observance(start, from, to, rule, [.. content.LinesNamed("RDATE").SelectMany(Times)]);
        }

        /// <summary>The transitions between the two times, and the last one before them.</summary>
        public IEnumerable<OffsetTransition> Changes(DateTime start, DateTime end, WorkBudget budget)
        {
            var times = Dates.Prepend(Start);
            if (Rule is not null)
                times = times.Concat(RuleChanges(Rule, start, end.PlusDays(2), budget));
            return times.Select(t => new OffsetTransition(t.Minus(From), To));
        }

        private IEnumerable<DateTime> RuleChanges(RecurrenceRule rule, DateTime start, DateTime end, WorkBudget budget)
        {
            var from = rule.Until < start ? rule.Until.Value : start;
            var seek = from.PlusDays(-366L * (Math.Min(rule.Interval, 9999) + 1));
            return new RecurrenceIterator(rule, Start, zone: null, budget).From(seek).TakeWhile(t => t < end);
        }

        /// <summary>Converts UNTIL, which is in UTC (RFC 5545 §3.3.10), to the local time before the transition, which the instances use.</summary>
        private static RecurrenceRule InLocalTime(RecurrenceRule rule, TimeSpan from) =>
            rule is { Until: { } until, UntilForm: CalendarTimeForm.Utc } ? rule with { Until = until.Plus(from), UntilForm = CalendarTimeForm.Floating } : rule;

        private static IEnumerable<DateTime> Times(ContentLine line)
        {
            foreach (var value in line.Text.Split(','))
            {
                if (CalendarValues.TryReadTime(value, out var time, out _))
                    yield return time;
            }
        }
    }
}

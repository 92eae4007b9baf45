using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// The recurrence set of a calendar object (RFC 5545 §3.8.5): DTSTART, RRULE and RDATE minus EXDATE and EXRULE, with overrides replacing
/// the instances that their RECURRENCE-ID names. A THISANDFUTURE override also applies its properties, length and shift to later instances.
/// </summary>
internal sealed class RecurrenceSet
{
    /// <summary>The largest error when an ambiguous or skipped local time is converted to UTC.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromHours(2);

    private readonly CalendarComponent[] _overrides;
    private readonly CalendarComponent? _master;
    private readonly CalendarTimeZone _floating;
    private readonly WorkBudget _budget;
    private readonly HashSet<DateTime> _replaced;
    private readonly HashSet<DateTime> _replacedDays;
    private readonly ThisAndFutureOverride[] _displacements;

    public RecurrenceSet(IReadOnlyList<CalendarComponent> components, CalendarTimeZone floating, WorkBudget budget)
    {
        _master = components.FirstOrDefault(c => c.RecurrenceId is null);
        _overrides = [.. components.Where(c => c.RecurrenceId is not null)];
        _floating = floating;
        _budget = budget;
        var times = _overrides.Select(o => o.RecurrenceId!.Value).ToArray();
        _replaced = [.. times.Select(t => t.ToUtc(floating))];
        _replacedDays = _master?.Start is { IsDate: false } ? [.. times.Where(t => t.IsDate).Select(t => t.Local)] : [];
        _displacements = [.. _overrides.Where(o => o is { AppliesToFuture: true, Start: not null }).Select(o => new ThisAndFutureOverride(o, floating)).OrderByDescending(d => d.FromUtc)];
    }

    /// <summary>All instances that may overlap the range, possibly with some outside it, in no particular order.</summary>
    public IEnumerable<CalendarInstance> Near(DateTime from, DateTime to)
    {
        foreach (var component in _overrides)
            yield return Single(component);
        if (_master is null)
            yield break;
        if (!_master.IsRecurring || _master.Anchor is not { } anchor)
        {
            if (_overrides.Length == 0 || _master.Anchor is not { } only || !IsReplaced(only, only.ToUtc(_floating)))
                yield return Single(_master);
            yield break;
        }

        foreach (var instance in Recurring(_master, anchor, from, to))
            yield return instance;
    }

    private CalendarInstance Single(CalendarComponent component)
    {
        if (component.Anchor is not { } anchor)
            return new CalendarInstance(component, null, default, null, null);
        var start = anchor.ToUtc(_floating);
        return new CalendarInstance(component, anchor, start, new InstanceDuration(component, _floating).End(anchor, start, _floating), component.RecurrenceId);
    }

    private IEnumerable<CalendarInstance> Recurring(CalendarComponent master, CalendarTime anchor, DateTime from, DateTime to)
    {
        var length = new InstanceDuration(master, _floating);
        var reach = ClockSlack + Longest(length.MaxLength);
        var zone = anchor.ZoneOr(_floating);
        var first = zone.ToLocal(from.Minus(reach));
        var last = zone.ToLocal(to.Plus(reach));
        var excluded = new ExcludedTimes(master, _floating, rule => RuleTimes(rule, anchor, first, last, startCounts: false));
        var listed = new HashSet<DateTime>();
        foreach (var date in master.Dates)
        {
            var utc = date.Start.ToUtc(_floating);
            if (listed.Add(utc) && _budget.Spend() && !IsReplaced(date.Start, utc) && !excluded.Contains(date.Start, utc))
                yield return new CalendarInstance(master, date.Start, utc, date.EndUtc(_floating) ?? length.End(date.Start, utc, _floating), date.Start);
        }

        var times = master.Rules.SelectMany(r => RuleTimes(r, anchor, first, last, startCounts: true)).DefaultIfEmpty(anchor.Local);
        foreach (var local in master.Rules.Count > 1 ? times.Distinct() : times)
        {
            var time = anchor.At(local);
            var utc = time.ToUtc(_floating);
            if (!listed.Contains(utc) && !IsReplaced(time, utc) && !excluded.Contains(time, utc))
                yield return Displaced(time, utc) ?? new CalendarInstance(master, time, utc, length.End(time, utc, _floating), time);
        }
    }

    private IEnumerable<DateTime> RuleTimes(RecurrenceRule rule, CalendarTime anchor, DateTime first, DateTime last, bool startCounts)
    {
        var zone = anchor.IsFloating ? null : anchor.ZoneOr(_floating);
        return new RecurrenceIterator(rule, anchor.Local, zone, _budget).From(first, startCounts).TakeWhile(t => t <= last || t == anchor.Local);
    }

    private bool IsReplaced(CalendarTime time, DateTime utc) => _replaced.Contains(utc) || _replacedDays.Contains(time.Local.Date);

    private CalendarInstance? Displaced(CalendarTime time, DateTime utc)
    {
        foreach (var displacement in _displacements)
        {
            if (displacement.FromUtc > utc)
                continue;
            var component = displacement.Component;
            var start = component.Start!.Value.At(time.Local.Plus(displacement.Shift));
            var startUtc = start.ToUtc(_floating);
            return new CalendarInstance(component, start, startUtc, new InstanceDuration(component, _floating).End(start, startUtc, _floating), time);
        }

        return null;
    }

    /// <summary>The largest distance between the time that the rule gives for an instance and the end of the instance.</summary>
    private TimeSpan Longest(TimeSpan length)
    {
        foreach (var displacement in _displacements)
        {
            var moved = displacement.Shift.Duration() + new InstanceDuration(displacement.Component, _floating).MaxLength;
            length = moved > length ? moved : length;
        }

        return length;
    }

    private readonly record struct ThisAndFutureOverride(CalendarComponent Component, DateTime FromUtc, TimeSpan Shift)
    {
        public ThisAndFutureOverride(CalendarComponent component, CalendarTimeZone floating)
            : this(component, component.RecurrenceId!.Value.ToUtc(floating), component.Start!.Value.Local - component.RecurrenceId.Value.Local)
        {
        }
    }
}

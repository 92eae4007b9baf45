using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Filters;

/// <summary>
/// Evaluates a filter for one calendar object. A time range is tested against instances: an override and its master component each
/// count for their own instances. All other conditions must hold for the same component.
/// </summary>
internal readonly struct CalendarFilterEvaluator(CalendarObject calendar, CalendarTimeZone floating)
{
    /// <summary>True if all conditions inside <paramref name="filter"/> hold for <paramref name="component"/>.</summary>
    public bool Matches(ComponentFilter filter, ContentComponent component)
    {
        foreach (var property in filter.Properties)
        {
            if (!Matches(property, component))
                return false;
        }

        foreach (var inner in filter.Components)
        {
            if (!HoldsInside(inner, component))
                return false;
        }

        return true;
    }

    private bool HoldsInside(ComponentFilter filter, ContentComponent parent)
    {
        var candidates = parent.Components.Where(c => filter.IsNamed(c.Name));
        if (filter.IsNotDefined)
            return !candidates.Any();
        if (filter.TimeRange is { } range)
            candidates = InRange(filter, range, [.. candidates]);
        var test = this;
        return candidates.Any(c => test.Matches(filter, c));
    }

    private IEnumerable<ContentComponent> InRange(ComponentFilter filter, TimeRange range, ContentComponent[] candidates)
    {
        if (candidates.Length == 0)
            return candidates;
        var inRange = filter.IsNamed("VALARM")
            ? calendar.AlarmsIn(range, floating)
            : calendar.Overlapping(range, floating).Select(c => c.Content);
        return candidates.Length == 1 ? inRange.Where(c => c == candidates[0]).Take(1) : inRange.Distinct().Where(c => Array.IndexOf(candidates, c) >= 0);
    }

    private bool Matches(PropertyFilter filter, ContentComponent component)
    {
        var lines = component.Lines.Where(l => string.Equals(l.Name, filter.Name, StringComparison.OrdinalIgnoreCase));
        if (filter.IsNotDefined)
            return !lines.Any();
        var test = this;
        return lines.Any(l => test.Matches(filter, l));
    }

    private bool Matches(PropertyFilter filter, ContentLine line) =>
        (filter.TimeRange is not { } range || IsIn(range, line))
        && (filter.TextMatch is not { } match || match.MatchesAny(SearchableText.Of(line)))
        && filter.Parameters.All(p => p.Matches(line));

    private bool IsIn(TimeRange range, ContentLine line)
    {
        if (!CalendarValues.TryReadTime(line, calendar.Zones, out var time))
            return false;
        var start = time.ToUtc(floating);
        return time.IsDate ? range.From < start.PlusDays(1) && range.To > start : range.From <= start && range.To > start;
    }
}

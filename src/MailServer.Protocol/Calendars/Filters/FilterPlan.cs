namespace MailServer.Protocol.Calendars.Filters;

/// <summary>
/// What every match of a filter must be: a resource of this component (null: any), whose index range
/// (<see cref="CalendarObject.FirstUtc"/>, <see cref="CalendarObject.LastUtc"/>) touches this range (null: any).
/// </summary>
/// <param name="Component">The component that the object must have.</param>
/// <param name="Range">Take resources with FirstUtc ≤ End and LastUtc ≥ Start (or no LastUtc).</param>
/// <param name="IsExact">Nothing but the component is asked: what the plan selects needs no further test.</param>
/// <param name="IsEmpty">Nothing can match.</param>
public sealed record FilterPlan(string? Component, TimeRange? Range, bool IsExact, bool IsEmpty)
{
    /// <summary>Nothing but an event in the range is asked.</summary>
    public bool IsRangeOfEvents { get; init; }

    internal static FilterPlan Of(ComponentFilter root)
    {
        if (!root.IsNamed("VCALENDAR") || root.IsNotDefined)
            return new FilterPlan(null, null, IsExact: root.IsNotDefined && !root.IsNamed("VCALENDAR"), IsEmpty: root.IsNotDefined == root.IsNamed("VCALENDAR"));
        var asked = root.Components.Where(c => !c.IsNotDefined && !c.IsNamed("VTIMEZONE")).ToArray();
        if (asked.Length == 0)
            return new FilterPlan(null, null, IsExact: root.Components.Count + root.Properties.Count == 0, IsEmpty: false);
        var first = asked[0];
        var alone = first is { Properties.Count: 0, Components.Count: 0 } && root.Components.Count == 1 && root.Properties.Count == 0;
        return new FilterPlan(
            first.Name.ToUpperInvariant(),
            first.TimeRange,
            IsExact: alone && first.TimeRange is null,
            IsEmpty: asked.Any(c => !first.IsNamed(c.Name)))
        {
            IsRangeOfEvents = alone && first.TimeRange is not null && first.IsNamed("VEVENT"),
        };
    }
}

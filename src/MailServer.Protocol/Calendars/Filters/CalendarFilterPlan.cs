using System.Collections.Frozen;

namespace MailServer.Protocol.Calendars.Filters;

/// <summary>
/// The part of a filter that the index can check: the component type (null: any) and a time range (null: any) that the index range of a
/// match (<see cref="CalendarObject.FirstUtc"/>, <see cref="CalendarObject.LastUtc"/>) must touch.
/// </summary>
/// <param name="Component">The required component type.</param>
/// <param name="Range">Select resources with FirstUtc ≤ End and LastUtc ≥ Start (or no LastUtc).</param>
/// <param name="IsExact">True if the filter tests only the component type: selected resources need no further test.</param>
/// <param name="IsEmpty">True if nothing can match.</param>
public sealed record CalendarFilterPlan(string? Component, TimeRange? Range, bool IsExact, bool IsEmpty)
{
    /// <summary>True if the filter only selects events in a time range.</summary>
    public bool IsEventRange { get; init; }

    /// <summary>The types of components of which an object contains exactly one.</summary>
    private static readonly FrozenSet<string> Indexed = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY");

    internal static CalendarFilterPlan Of(ComponentFilter root)
    {
        if (!root.IsNamed("VCALENDAR") || root.IsNotDefined)
            return new CalendarFilterPlan(null, null, IsExact: root.IsNotDefined && !root.IsNamed("VCALENDAR"), IsEmpty: root.IsNotDefined == root.IsNamed("VCALENDAR"));
        // Others, such as VTIMEZONE and components of other specifications, stand beside those that calendars store, and the index does not know them.
        var required = root.Components.Where(c => !c.IsNotDefined && Indexed.Contains(c.Name)).ToArray();
        if (required.Length == 0)
            return new CalendarFilterPlan(null, null, IsExact: root.Components.Count + root.Properties.Count == 0, IsEmpty: false);
        var first = required[0];
        var alone = first is { Properties.Count: 0, Components.Count: 0 } && root.Components.Count == 1 && root.Properties.Count == 0;
        return new CalendarFilterPlan(
            first.Name.ToUpperInvariant(),
            first.TimeRange,
            IsExact: alone && first.TimeRange is null,
            IsEmpty: required.Any(c => !first.IsNamed(c.Name)))
        {
            IsEventRange = alone && first.TimeRange is not null && first.IsNamed("VEVENT"),
        };
    }
}

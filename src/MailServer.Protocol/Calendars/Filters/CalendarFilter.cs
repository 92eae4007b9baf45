using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Filters;

/// <summary>The <c>filter</c> of calendar-query (RFC 4791 §9.7): one <c>comp-filter</c> for VCALENDAR.</summary>
public sealed record CalendarFilter(ComponentFilter Root)
{
    /// <summary>The conditions that the index can check before objects are read.</summary>
    public CalendarFilterPlan Plan => CalendarFilterPlan.Of(Root);

    /// <summary>True if the object matches. Dates and floating times are interpreted in <paramref name="floating"/>.</summary>
    public bool Matches(CalendarObject calendar, CalendarTimeZone floating)
    {
        if (!Root.IsNamed("VCALENDAR"))
            return Root.IsNotDefined;
        return !Root.IsNotDefined && new CalendarFilterEvaluator(calendar, floating).Matches(Root, calendar.Root);
    }
}

/// <summary>The <c>comp-filter</c> element (RFC 4791 §9.7.1).</summary>
public sealed record ComponentFilter
{
    public required string Name { get; init; }

    public bool IsNotDefined { get; init; }

    public TimeRange? TimeRange { get; init; }

    public IReadOnlyList<PropertyFilter> Properties { get; init; } = [];

    public IReadOnlyList<ComponentFilter> Components { get; init; } = [];

    internal bool IsNamed(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The <c>prop-filter</c> element (RFC 4791 §9.7.2).</summary>
public sealed record PropertyFilter
{
    public required string Name { get; init; }

    public bool IsNotDefined { get; init; }

    public TimeRange? TimeRange { get; init; }

    public TextMatch? TextMatch { get; init; }

    public IReadOnlyList<ParameterFilter> Parameters { get; init; } = [];
}

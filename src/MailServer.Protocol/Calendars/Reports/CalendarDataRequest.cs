using System.Buffers;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Reports;

/// <summary>The <c>calendar-data</c> element of a report (RFC 4791 §9.6): the requested part of a resource.</summary>
public sealed record CalendarDataRequest
{
    /// <summary>The <c>comp</c> element for VCALENDAR; null to return all components and properties.</summary>
    public ComponentSelection? Selection { get; init; }

    /// <summary>Return each instance in this range as a separate component in UTC (RFC 4791 §9.6.5).</summary>
    public TimeRange? Expand { get; init; }

    /// <summary>Omit overrides that do not affect this range (RFC 4791 §9.6.6).</summary>
    public TimeRange? LimitRecurrenceSet { get; init; }

    /// <summary>Omit FREEBUSY periods outside this range (RFC 4791 §9.6.7).</summary>
    public TimeRange? LimitFreeBusySet { get; init; }

    /// <summary>True if the stored octets can be returned unchanged.</summary>
    public bool IsWhole => this is { Selection: null, Expand: null, LimitRecurrenceSet: null, LimitFreeBusySet: null };

    /// <summary>Writes the requested part. Dates and floating times are interpreted in <paramref name="floating"/>.</summary>
    public void Write(CalendarObject calendar, CalendarTimeZone floating, IBufferWriter<byte> output)
    {
        if (IsWhole)
            output.Write(calendar.Text.Span);
        else
            new CalendarDataWriter(this, calendar, floating, new ContentWriter(output)).Write();
    }
}

/// <summary>The <c>comp</c> element (RFC 4791 §9.6.1).</summary>
public sealed record ComponentSelection
{
    public required string Name { get; init; }

    public bool AllProperties { get; init; }

    public IReadOnlyList<RequestedProperty> Properties { get; init; } = [];

    public bool AllComponents { get; init; }

    public IReadOnlyList<ComponentSelection> Components { get; init; } = [];

    /// <summary>The selection of <paramref name="property"/>; null if it is not requested.</summary>
    internal RequestedProperty? Property(string property)
    {
        foreach (var selection in Properties)
        {
            if (string.Equals(selection.Name, property, StringComparison.OrdinalIgnoreCase))
                return selection;
        }

        return AllProperties ? new RequestedProperty(property, NoValue: false) : null;
    }

    internal ComponentSelection? Inside(string component) =>
        Components.FirstOrDefault(c => string.Equals(c.Name, component, StringComparison.OrdinalIgnoreCase))
        ?? (AllComponents ? Everything(component) : null);

    internal static ComponentSelection Everything(string name) => new() { Name = name, AllProperties = true, AllComponents = true };
}

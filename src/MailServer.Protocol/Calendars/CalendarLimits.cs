using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Limits on one calendar object resource and on the work that one query of it may take.</summary>
public sealed record CalendarLimits
{
    public static CalendarLimits Default { get; } = new();

    /// <summary>Size, lines and nesting of the text; <c>CALDAV:max-resource-size</c> is <see cref="ContentLineLimits.MaxText"/>.</summary>
    public ContentLineLimits Content { get; init; } = new();

    /// <summary>The largest number of attendees of one component (<c>CALDAV:max-attendees-per-instance</c>).</summary>
    public int MaxAttendees { get; init; } = 1_000;

    /// <summary>
    /// Steps of recurrence expansion per query. Expansion starts near the requested range, so only rules with both COUNT and BY parts,
    /// and rules that never match, approach this limit.
    /// </summary>
    public int MaxRecurrenceWork { get; init; } = 100_000;

    /// <summary>Instances that expand writes for one object, or that are merged into one free-busy response (<c>CALDAV:max-instances</c>).</summary>
    public int MaxInstances { get; init; } = 5_000;
}

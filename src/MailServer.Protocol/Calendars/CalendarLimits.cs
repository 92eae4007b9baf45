using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Bounds on one calendar object resource and on the work that a question about it may cost.</summary>
public sealed record CalendarLimits
{
    public static CalendarLimits Default { get; } = new();

    /// <summary>Size, lines and nesting of the text; <c>CALDAV:max-resource-size</c> is <see cref="ContentLineLimits.MaxText"/>.</summary>
    public ContentLineLimits Content { get; init; } = new();

    /// <summary>Attendees of one component (<c>CALDAV:max-attendees-per-instance</c>).</summary>
    public int MaxAttendees { get; init; } = 1_000;

    /// <summary>
    /// Steps of recurrence expansion per question. A rule is entered near the range asked for,
    /// so that only rules with both COUNT and BY parts, and rules that never match, come near it.
    /// </summary>
    public int MaxRecurrenceWork { get; init; } = 100_000;

    /// <summary>Instances written for one object by expand, or merged into one free-busy answer (<c>CALDAV:max-instances</c>).</summary>
    public int MaxInstances { get; init; } = 5_000;
}

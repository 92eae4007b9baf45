using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>A component directly inside VCALENDAR, with its parsed time properties.</summary>
internal sealed class CalendarComponent
{
    public required ContentComponent Content { get; init; }

    public string Name => Content.Name;

    public CalendarTime? Start { get; init; }

    /// <summary>DTEND, or the DUE of a VTODO.</summary>
    public CalendarTime? End { get; init; }

    public CalendarDuration? Duration { get; init; }

    public CalendarTime? Completed { get; init; }

    public CalendarTime? Created { get; init; }

    public CalendarTime? RecurrenceId { get; init; }

    /// <summary>True if the override also applies to all later instances (<c>RANGE=THISANDFUTURE</c>).</summary>
    public bool AppliesToFuture { get; init; }

    public IReadOnlyList<RecurrenceRule> Rules { get; init; } = [];

    public IReadOnlyList<RecurrenceRule> ExceptionRules { get; init; } = [];

    public IReadOnlyList<CalendarPeriod> Dates { get; init; } = [];

    public IReadOnlyList<CalendarTime> ExceptionDates { get; init; } = [];

    /// <summary>The periods of all FREEBUSY properties.</summary>
    public IReadOnlyList<CalendarPeriod> Periods { get; init; } = [];

    public IReadOnlyList<CalendarAlarm> Alarms { get; init; } = [];

    /// <summary>The first instance of the recurrence: the start, or the due time of a task without a start.</summary>
    public CalendarTime? Anchor => Start ?? (Name == "VTODO" ? End : null) ?? RecurrenceId;

    public bool IsRecurring => Rules.Count > 0 || Dates.Count > 0;

    public string? Text(string property) => Content.TextOf(property);
}

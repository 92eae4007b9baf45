using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>A RECUR value (RFC 5545 §3.3.10).</summary>
internal sealed record RecurrenceRule
{
    public RecurrenceFrequency Frequency { get; init; }

    public int Interval { get; init; } = 1;

    /// <summary>The number of instances, including DTSTART; null if unlimited.</summary>
    public long? Count { get; init; }

    /// <summary>The last time or day that can be an instance.</summary>
    public DateTime? Until { get; init; }

    public CalendarTimeForm UntilForm { get; init; }

    public DayOfWeek WeekStart { get; init; } = DayOfWeek.Monday;

    public int[] Seconds { get; init; } = [];

    public int[] Minutes { get; init; } = [];

    public int[] Hours { get; init; } = [];

    public ByDayEntry[] Weekdays { get; init; } = [];

    public int[] MonthDays { get; init; } = [];

    public int[] YearDays { get; init; } = [];

    public int[] WeekNumbers { get; init; } = [];

    public int[] Months { get; init; } = [];

    public int[] Positions { get; init; } = [];

    /// <summary>False if the rule counts in another calendar or moves invalid dates (RFC 7529 §4), which is not supported.</summary>
    public bool IsGregorian { get; init; } = true;

    /// <summary>True if the rule has neither COUNT nor UNTIL.</summary>
    public bool IsEndless => Count is null && Until is null;

    /// <summary>True if the rule has no BY parts: each period then has exactly one instance, provided that its day exists.</summary>
    public bool HasNoByParts =>
        Seconds.Length + Minutes.Length + Hours.Length + Weekdays.Length + MonthDays.Length
        + YearDays.Length + WeekNumbers.Length + Months.Length + Positions.Length == 0;
}

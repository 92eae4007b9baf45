using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>The trigger of a VALARM (RFC 5545 §3.8.6): an absolute time, or an offset from the start or end of its component, with optional repetitions.</summary>
internal sealed record CalendarAlarm(ContentComponent Content, DateTime? At, CalendarDuration Offset, bool FromEnd, int Repeat, CalendarDuration? RepeatInterval)
{
    private const int MaxRepeat = 100_000;

    /// <summary>The largest distance between the component and a trigger time.</summary>
    public TimeSpan MaxOffset => Offset.MaxLength + Repeat * (RepeatInterval?.MaxLength ?? TimeSpan.Zero);

    public static CalendarAlarm? Read(ContentComponent content)
    {
        if (content.Line("TRIGGER") is not { } trigger)
            return null;
        var repeat = int.TryParse(content.Line("REPEAT")?.Text, out var times) ? Math.Clamp(times, 0, MaxRepeat) : 0;
        CalendarDuration? pause = CalendarDuration.TryParse(content.Line("DURATION")?.Text, out var read) && read.IsPositive && read.Days < 366 ? read : null;
        var fromEnd = string.Equals(trigger.Parameter("RELATED"), "END", StringComparison.OrdinalIgnoreCase);
        if (CalendarDuration.TryParse(trigger.Text, out var offset))
            return new CalendarAlarm(content, null, offset, fromEnd, repeat, pause);
        return CalendarValues.TryReadTime(trigger.Text, out var at, out _) ? new CalendarAlarm(content, SaturatingDateTime.Utc(at), default, false, repeat, pause) : null;
    }

    /// <summary>True if one of the trigger times is in the range (RFC 4791 §9.9).</summary>
    public bool TriggersIn(TimeRange range, DateTime start, DateTime end)
    {
        var first = At ?? (FromEnd ? end : start).PlusDays(Offset.Days).Plus(Offset.Time);
        if (RepeatInterval is not { } pause || first >= range.From)
            return first >= range.From && first < range.To;
        var step = TimeSpan.FromDays(pause.Days) + pause.Time;
        var number = (range.From - first + step - TimeSpan.FromTicks(1)).Ticks / step.Ticks;
        return number <= Repeat && first.Plus(number * step) < range.To;
    }
}

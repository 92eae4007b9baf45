using System.Diagnostics.CodeAnalysis;
using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Reads the time properties of one component. A malformed property makes the whole object invalid.</summary>
internal sealed class CalendarComponentReader(ITimeZoneSource zones)
{
    private string? _fault;

    public bool TryRead(ContentComponent content, [NotNullWhen(true)] out CalendarComponent? component, [NotNullWhen(false)] out string? fault)
    {
        _fault = null;
        var read = new CalendarComponent
        {
            Content = content,
            Start = Time(content, "DTSTART"),
            End = Time(content, content.Name == "VTODO" ? "DUE" : "DTEND"),
            Duration = Duration(content),
            Completed = Time(content, "COMPLETED"),
            Created = Time(content, "CREATED"),
            RecurrenceId = Time(content, "RECURRENCE-ID"),
            AppliesToFuture = string.Equals(content.Line("RECURRENCE-ID")?.Parameter("RANGE"), "THISANDFUTURE", StringComparison.OrdinalIgnoreCase),
            Rules = Rules(content, "RRULE"),
            ExceptionRules = Rules(content, "EXRULE"),
            Dates = [.. Values(content, "RDATE", Period)],
            ExceptionDates = [.. Values(content, "EXDATE", Time)],
            Periods = [.. Values(content, "FREEBUSY", Period)],
            Alarms = [.. content.ComponentsNamed("VALARM").Select(CalendarAlarm.Read).OfType<CalendarAlarm>()],
        };
        fault = _fault;
        component = fault is null ? read : null;
        return fault is null;
    }

    /// <summary>The periods of a FREEBUSY property.</summary>
    public IEnumerable<CalendarPeriod> Periods(ContentLine line) => Split(line, Period);

    private static IEnumerable<T> Split<T>(ContentLine line, Func<string, ContentLine, T?> read)
        where T : struct =>
        line.Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(v => read(v, line)).OfType<T>();

    private static IEnumerable<T> Values<T>(ContentComponent content, string name, Func<string, ContentLine, T?> read)
        where T : struct =>
        content.LinesNamed(name).SelectMany(l => Split(l, read));

    private CalendarTime? Time(ContentComponent content, string name) => content.Line(name) is { } line ? Time(line.Text, line) : null;

    private CalendarTime? Time(string value, ContentLine line)
    {
        if (CalendarValues.TryReadTime(value, line, zones, out var time))
            return time;
        _fault ??= $"{line.Name} is not a valid date or time";
        return null;
    }

    private CalendarDuration? Duration(ContentComponent content)
    {
        if (content.Line("DURATION") is not { } line)
            return null;
        if (CalendarDuration.TryParse(line.Text, out var duration))
            return duration;
        _fault ??= "DURATION is not a valid duration";
        return null;
    }

    private List<RecurrenceRule> Rules(ContentComponent content, string name)
    {
        var rules = new List<RecurrenceRule>();
        foreach (var line in content.LinesNamed(name))
        {
            if (RecurrenceRuleParser.TryParse(line.Text, out var rule))
                rules.Add(rule);
            else
                _fault ??= $"{name} is not a valid recurrence rule";
        }

        return rules;
    }

    private CalendarPeriod? Period(string value, ContentLine line)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return Time(value, line) is { } alone ? new CalendarPeriod(alone, null, null) : null;
        if (Time(value[..slash], line) is not { } start)
            return null;
        if (CalendarDuration.TryParse(value.AsSpan(slash + 1), out var duration))
            return new CalendarPeriod(start, null, duration);
        return Time(value[(slash + 1)..], line) is { } end ? new CalendarPeriod(start, end, null) : null;
    }
}

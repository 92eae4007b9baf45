using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>Identifies an instance of a recurring object: a key in UTC, which is comparable across time zones, and the value as written in the object.</summary>
internal sealed record InstanceId(string Key, IReadOnlyList<ContentParameter> Parameters, string Value)
{
    /// <summary>The key of the master component, which has no RECURRENCE-ID.</summary>
    public const string MasterKey = "";

    public static string KeyOf(CalendarComponent component) => component.RecurrenceId?.InstanceKey ?? MasterKey;

    /// <summary>The RECURRENCE-ID of an override; null for the master component.</summary>
    public static InstanceId? Of(CalendarComponent component) =>
        component.RecurrenceId is { } id && component.Content.Line("RECURRENCE-ID") is { } line ? new InstanceId(id.InstanceKey, TimeParameters(line), line.Text) : null;

    /// <summary>The values of the EXDATE lines.</summary>
    public static IEnumerable<InstanceId> Excluded(CalendarComponent component, ITimeZoneSource zones)
    {
        foreach (var line in component.Content.LinesNamed("EXDATE"))
        {
            foreach (var value in line.Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                if (CalendarValues.TryReadTime(value, line, zones, out var time)) yield return new InstanceId(time.InstanceKey, TimeParameters(line), value);
        }
    }

    public ContentLine ToLine(string property) => EditableComponent.Make(property, Parameters, Value);

    private static ContentParameter[] TimeParameters(ContentLine line) => [.. line.Parameters.Where(p => p.Name is "TZID" or "VALUE")];
}

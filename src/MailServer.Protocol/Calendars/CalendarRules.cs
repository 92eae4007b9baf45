using System.Diagnostics.CodeAnalysis;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// Rules for new calendar objects, from clients (PUT, imports) as from invitations. Objects that were stored earlier are read without them: a mistake in
/// them must not hide them.
/// </summary>
internal static class CalendarRules
{
    public static bool TryCheck(CalendarObject calendar, [NotNullWhen(false)] out CalendarFault? fault)
    {
        fault = null;
        if (calendar.Components.SelectMany(c => c.Rules.Concat(c.ExceptionRules)).Any(rule => !rule.IsGregorian))
            fault = new CalendarFault(CalendarPrecondition.SupportedRscale, "only the Gregorian calendar is supported for recurrence rules, without moving invalid dates");
        else if (calendar.Components.FirstOrDefault(EndsBeforeStart) is { } reversed)
            fault = CalendarFault.Data($"{(reversed.Name == "VTODO" ? "DUE" : "DTEND")} is before DTSTART");
        else if (calendar.Components.Select(c => c.RecurrenceId).OfType<CalendarTime>().GroupBy(id => (id.IsDate, id.ToUtc(CalendarTimeZone.Utc))).Any(same => same.Count() > 1))
            fault = CalendarFault.Object("several components for the same RECURRENCE-ID");
        return fault is null;
    }

    /// <summary>Times of different forms are not compared: their order depends on the time zone of the viewer.</summary>
    private static bool EndsBeforeStart(CalendarComponent component) =>
        component is { Name: "VEVENT" or "VTODO", Start: { } start, End: { } end } && start.IsDate == end.IsDate && start.IsFloating == end.IsFloating
        && end.ToUtc(CalendarTimeZone.Utc) < start.ToUtc(CalendarTimeZone.Utc);
}

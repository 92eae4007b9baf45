using System.Globalization;
using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Creates the override of an instance that has none yet (RFC 5545 §3.8.4.4).</summary>
internal static class InstanceOverride
{
    private static readonly TimeSpan AroundInstance = TimeSpan.FromDays(1);
    private static readonly string[] OfRecurrence = ["RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"];

    /// <param name="calendar">The object.</param>
    /// <param name="id">The time of the instance according to the recurrence rule.</param>
    /// <param name="budget">Limits the expansion of the rule.</param>
    /// <returns>A copy of the component that describes the instance, with its times; null if the object has no such instance, or an override of it.</returns>
    public static EditableComponent? Create(CalendarObject calendar, CalendarTime id, WorkBudget budget)
    {
        if (calendar.Components.FirstOrDefault(static c => c.RecurrenceId is null)?.Content.Line("DTSTART") is not { } first) return null;
        var at = id.ToUtc(CalendarTimeZone.Utc);
        var found = calendar.Instances(CalendarTimeZone.Utc, budget).Near(at.Minus(AroundInstance), at.Plus(AroundInstance))
            .FirstOrDefault(i => i.RecurrenceId is { } other && IsSame(other, id));
        // The component of an instance may be an override of this and all later instances, but not one of this instance.
        if (found is not { Component: { } source, Start: { } start, RecurrenceId: { } due } || (source.RecurrenceId is { } own && IsSame(own, id))) return null;
        var made = EditableComponent.Of(source.Content);
        made.Remove(OfRecurrence);
        made.Change("DTSTART", l => At(l, start, start.ToUtc(CalendarTimeZone.Utc)));
        made.Lines.Add(EditableComponent.Renamed(At(first, due, due.ToUtc(CalendarTimeZone.Utc)), "RECURRENCE-ID"));
        if (source.End is { } end && found.EndUtc is { } endUtc) made.Change(source.Name == "VTODO" ? "DUE" : "DTEND", l => At(l, end, endUtc));
        return made;
    }

    private static bool IsSame(CalendarTime one, CalendarTime other) =>
        one.IsDate == other.IsDate && (one.IsDate ? one.Local == other.Local : one.ToUtc(CalendarTimeZone.Utc) == other.ToUtc(CalendarTimeZone.Utc));

    private static ContentLine At(ContentLine line, CalendarTime form, DateTime utc)
    {
        var local = form.ZoneOr(CalendarTimeZone.Utc).ToLocal(utc);
        var value = local.ToString(form.IsDate ? "yyyyMMdd" : form.Form == CalendarTimeForm.Utc ? "yyyyMMdd'T'HHmmss'Z'" : "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        return EditableComponent.Make(line.Name, line.Parameters, value);
    }
}

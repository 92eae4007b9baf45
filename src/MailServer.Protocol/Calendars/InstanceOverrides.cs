using System.Globalization;
using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// Creates overrides of instances that have none yet (RFC 5545 §3.8.4.4). Each is a copy of a component that may be large, so their number is limited by the
/// size that an object may have.
/// </summary>
internal sealed class InstanceOverrides(CalendarObject calendar)
{
    private static readonly TimeSpan AroundInstance = TimeSpan.FromDays(1);
    private static readonly string[] OfRecurrence = ["RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"];

    private readonly WorkBudget _budget = calendar.NewBudget();
    private long _room = calendar.Limits.Content.MaxText - calendar.Text.Length;

    /// <summary>True if an override was not created because the object would be too large.</summary>
    public bool IsFull => _room < 0;

    /// <param name="id">The time of the instance according to the recurrence rule.</param>
    /// <returns>A copy of the component that describes the instance, with its times; null if the object has no such instance, has an override of it, or would be too large.</returns>
    public EditableComponent? Create(CalendarTime id)
    {
        if (IsFull || calendar.Master?.Content.Line("DTSTART") is not { } first) return null;
        var at = id.ToUtc(CalendarTimeZone.Utc);
        var found = calendar.Instances(CalendarTimeZone.Utc, _budget).Near(at.Minus(AroundInstance), at.Plus(AroundInstance))
            .FirstOrDefault(i => i.RecurrenceId?.InstanceKey == id.InstanceKey);
        // The component of an instance may be an override of this and all later instances, but not one of this instance.
        if (found is not { Component: { } source, Start: { } start, RecurrenceId: { } due } || source.RecurrenceId?.InstanceKey == id.InstanceKey) return null;
        _room -= source.Content.Raw.Length;
        if (IsFull) return null;
        var made = EditableComponent.Of(source.Content);
        made.Remove(OfRecurrence);
        made.Change("DTSTART", l => At(l, start, start.ToUtc(CalendarTimeZone.Utc)));
        made.Lines.Add(EditableComponent.Renamed(At(first, due, due.ToUtc(CalendarTimeZone.Utc)), "RECURRENCE-ID"));
        if (source.End is { } end && found.EndUtc is { } endUtc) made.Change(source.Name == "VTODO" ? "DUE" : "DTEND", l => At(l, end, endUtc));
        return made;
    }

    private static ContentLine At(ContentLine line, CalendarTime form, DateTime utc)
    {
        var local = form.ZoneOr(CalendarTimeZone.Utc).ToLocal(utc);
        var value = local.ToString(form.IsDate ? "yyyyMMdd" : form.Form == CalendarTimeForm.Utc ? "yyyyMMdd'T'HHmmss'Z'" : "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        return EditableComponent.Make(line.Name, line.Parameters, value);
    }
}

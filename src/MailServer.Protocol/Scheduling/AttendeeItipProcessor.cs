using System.Globalization;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>Applies an organizer's message to an attendee's copy (RFC 5546 §3.2.2, §3.2.4, §3.2.5; RFC 6638 §4.1). Answers and alarms of the attendee are kept.</summary>
public static class AttendeeItipProcessor
{
    private static readonly string[] Own = ["CATEGORIES", "X-MOZ-LASTACK", "X-MOZ-SNOOZE-TIME"];

    /// <param name="message">A REQUEST, ADD or CANCEL from the organizer.</param>
    /// <param name="stored">The stored copy; null if there is none.</param>
    /// <param name="known">The revision of the last message that was applied to the copy.</param>
    /// <param name="isMine">Tests whether an address belongs to the attendee.</param>
    public static ItipOutcome Apply(ReceivedItipMessage message, SchedulingObject? stored, ItipRevision? known, Func<EmailAddress, bool> isMine)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (isMine(message.Organizer)) return new ItipOutcome.Ignored("the recipient is the organizer");
        if (stored is null) return message.Method == ItipMethod.Request ? First(message, isMine) : new ItipOutcome.Ignored("no such event is stored");
        if (!stored.Organizer.Equals(message.Organizer)) return ItipOutcome.Refused("the organizer differs");
        if (message.Calendar.Component != stored.Calendar.Component) return ItipOutcome.Refused("the component type differs");
        if (message.Revision.IsOlderThan(known ?? ItipMessageWriter.RevisionOf(stored.Calendar))) return new ItipOutcome.Ignored("a newer message was applied before");
        if (!stored.TryFindAttendee(isMine, out var me)) return ItipOutcome.Refused("the recipient is not an attendee");
        if (!IsFor(message, isMine)) return new ItipOutcome.Ignored("the message is for other attendees");
        var root = message.Method switch
        {
            ItipMethod.Cancel => Cancel(message, stored),
            ItipMethod.Add => Add(message, stored),
            _ => Request(message, stored, me),
        };
        MissingZones.Add(root, message.Calendar.Root);
        MissingZones.Add(root, stored.Calendar.Root);
        var text = root.ToBytes();
        return text.AsSpan().SequenceEqual(stored.Calendar.Text.Span) ? ItipOutcome.Unchanged.Instance : new ItipOutcome.Changed(text);
    }

    /// <summary>True if the message concerns the attendee. A CANCEL without attendees concerns all of them (RFC 5546 §3.2.5).</summary>
    private static bool IsFor(ReceivedItipMessage message, Func<EmailAddress, bool> isMine) =>
        message.Attendees.Any(isMine) || (message.Method == ItipMethod.Cancel && message.Attendees.All(message.Organizer.Equals));

    private static ItipOutcome First(ReceivedItipMessage message, Func<EmailAddress, bool> isMine) =>
        message.Attendees.Any(isMine) ? new ItipOutcome.Changed(DraftOf(message).ToBytes()) : ItipOutcome.Refused("the recipient is not an attendee");

    private static EditableComponent DraftOf(ReceivedItipMessage message)
    {
        var incoming = EditableComponent.Of(message.Calendar.Root);
        foreach (var component in incoming.Components) ItipMessageWriter.RemoveRecipientData(component);
        return incoming;
    }

    private static EditableComponent Request(ReceivedItipMessage message, SchedulingObject stored, EmailAddress me)
    {
        var incoming = DraftOf(message);
        var parts = Parts(message.Calendar, incoming);
        foreach (var (component, draft) in parts) KeepOwn(component, draft, stored, me);
        if (message.Calendar.Components.Any(c => c.RecurrenceId is null))
        {
            KeepRemoved(incoming, parts, stored, me);
            return incoming;
        }

        // Only single instances: keep the rest of the copy.
        var root = EditableComponent.Of(stored.Calendar.Root);
        foreach (var (component, _) in parts) RemoveInstance(root, stored, InstanceId.KeyOf(component));
        root.Components.AddRange(parts.Select(p => p.Draft));
        return root;
    }

    private static void KeepOwn(CalendarComponent component, EditableComponent draft, SchedulingObject stored, EmailAddress me)
    {
        var same = stored.Find(InstanceId.KeyOf(component));
        if ((same ?? stored.Master) is not { } known) return;
        draft.Components.AddRange(known.Content.ComponentsNamed("VALARM").Select(EditableComponent.Of));
        foreach (var line in known.Content.Lines.Where(l => Array.IndexOf(Own, l.Name) >= 0))
        {
            draft.Remove(line.Name);
            draft.Lines.Add(line);
        }

        if (same is null || ComponentFingerprint.OfTimes(same) != ComponentFingerprint.OfTimes(component) || SchedulingObject.Participation(same.Content, me) is not { } answer) return;
        draft.Change("ATTENDEE", l => me.Equals(CalendarUserAddress.Parse(l.Text)) && SchedulingObject.Participation(l) != answer ? EditableComponent.With(l, "PARTSTAT", answer) : l);
    }

    /// <summary>Keeps instances removed that the attendee has removed: the organizer's REQUEST lists them as declined.</summary>
    private static void KeepRemoved(EditableComponent incoming, List<(CalendarComponent Component, EditableComponent Draft)> parts, SchedulingObject stored, EmailAddress me)
    {
        var main = parts.Find(p => p.Component.RecurrenceId is null).Draft;
        foreach (var (component, draft) in parts)
        {
            if (!stored.Excluded.TryGetValue(InstanceId.KeyOf(component), out var id) || SchedulingObject.Participation(component.Content, me) != "DECLINED") continue;
            incoming.Components.Remove(draft);
            main.Lines.Add(id.ToLine("EXDATE"));
        }
    }

    private static EditableComponent Cancel(ReceivedItipMessage message, SchedulingObject stored)
    {
        var root = EditableComponent.Of(stored.Calendar.Root);
        foreach (var component in message.Calendar.Components)
        {
            var key = InstanceId.KeyOf(component);
            if (InstanceId.Of(component) is not { } instance || stored.Master is null)
            {
                foreach (var (known, draft) in Parts(stored.Calendar, root).Where(p => key == InstanceId.MasterKey || InstanceId.KeyOf(p.Component) == key)) MarkCancelled(draft, known, component);
                continue;
            }

            RemoveInstance(root, stored, key);
            var main = root.Components.First(c => c.Name == component.Name && c.Line("RECURRENCE-ID") is null);
            if (!stored.Excluded.ContainsKey(key)) main.Lines.Add(instance.ToLine("EXDATE"));
        }

        return root;
    }

    private static void MarkCancelled(EditableComponent draft, CalendarComponent known, CalendarComponent cancelled)
    {
        if (draft.Text("STATUS") != "CANCELLED") draft.Set("STATUS:CANCELLED");
        var sequence = Math.Max(ItipMessageWriter.Sequence(known), ItipMessageWriter.Sequence(cancelled));
        if (sequence != ItipMessageWriter.Sequence(known)) draft.Set(string.Create(CultureInfo.InvariantCulture, $"SEQUENCE:{sequence}"));
    }

    /// <summary>Adds an instance (RFC 5546 §3.2.4).</summary>
    private static EditableComponent Add(ReceivedItipMessage message, SchedulingObject stored)
    {
        var root = EditableComponent.Of(stored.Calendar.Root);
        var incoming = DraftOf(message);
        foreach (var (component, draft) in Parts(message.Calendar, incoming))
        {
            if (component.Start is not { } start || draft.Line("DTSTART") is not { } line || stored.Find(start.InstanceKey) is not null) continue;
            if (root.Components.Find(c => c.Name == component.Name && c.Line("RECURRENCE-ID") is null) is { } main) main.Lines.Add(EditableComponent.Renamed(line, "RDATE"));
            draft.Remove("RECURRENCE-ID");
            draft.Lines.Add(EditableComponent.Renamed(line, "RECURRENCE-ID"));
            root.Components.Add(draft);
        }

        return root;
    }

    private static void RemoveInstance(EditableComponent root, SchedulingObject stored, string key)
    {
        if (Parts(stored.Calendar, root).Find(p => InstanceId.KeyOf(p.Component) == key).Draft is { } known) root.Components.Remove(known);
    }

    /// <summary>The parsed components with their drafts, as far as they are still in <paramref name="root"/>.</summary>
    private static List<(CalendarComponent Component, EditableComponent Draft)> Parts(CalendarObject calendar, EditableComponent root)
    {
        var left = root.Components.Where(c => c.Name == calendar.Component).ToList();
        var parts = new List<(CalendarComponent, EditableComponent)>();
        foreach (var component in calendar.Components)
        {
            var id = component.Content.Line("RECURRENCE-ID")?.Text;
            if (left.Find(d => d.Line("RECURRENCE-ID")?.Text == id) is not { } draft) continue;
            left.Remove(draft);
            parts.Add((component, draft));
        }

        return parts;
    }
}

using MailServer.Domain.Addresses;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>Plans the message that follows when an attendee changes their copy (RFC 6638 §3.2.2, RFC 5546 §3.2.3): a REPLY if the participation status changed.</summary>
public sealed class AttendeeChangePlanner
{
    private readonly SchedulingObject? _old;
    private readonly SchedulingObject _new;
    private readonly EmailAddress _me;
    private readonly DateTimeOffset _now;

    private AttendeeChangePlanner(SchedulingObject? old, SchedulingObject changed, EmailAddress me, DateTimeOffset now) => (_old, _new, _me, _now) = (old, changed, me, now);

    /// <summary>
    /// True if the attendee may make the change. This interprets RFC 6638 §3.2.2.1 leniently: only the organizer and the times must not change.
    /// </summary>
    public static bool IsAllowed(SchedulingObject old, SchedulingObject? changed)
    {
        ArgumentNullException.ThrowIfNull(old);
        if (changed is null || !changed.Organizer.Equals(old.Organizer)) return false;
        foreach (var component in changed.Calendar.Components)
        {
            // An instance of a meeting stays one.
            if (component.Content.Line("ORGANIZER") is null && (old.Find(InstanceId.KeyOf(component)) ?? old.Master)?.Content.Line("ORGANIZER") is not null) return false;
            if (old.Find(InstanceId.KeyOf(component)) is { } known)
            {
                if (ComponentFingerprint.OfTimes(known) != ComponentFingerprint.OfTimes(component)) return false;
            }
            else if (component is { RecurrenceId: { } id, Start: { } start } && id.InstanceKey != start.InstanceKey)
            {
                return false;
            }
        }

        return true;
    }

    public static SchedulingPlan Plan(SchedulingObject? old, SchedulingObject changed, EmailAddress me, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(changed);
        if (!changed.ServerRepliesToOrganizer) return SchedulingPlan.Nothing;
        var change = new AttendeeChangePlanner(old, changed, me, now);
        var answers = change.Answers(ForceSend.Orders(changed.OrganizerLine, "REPLY"));
        ItipMessage[] messages = answers.Count == 0 ? [] : [ItipMessageWriter.Write(ItipMethod.Reply, me, changed.Organizer, changed.Calendar, answers)];
        return new SchedulingPlan(messages, ForceSend.IsIn(changed.Calendar) ? change.WithoutForceSend() : null);
    }

    /// <summary>Plans the removal of the copy: all instances that are not declined yet are declined (RFC 6638 §3.2.2.3).</summary>
    public static SchedulingPlan PlanRemoval(SchedulingObject old, EmailAddress me, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(old);
        if (!old.ServerRepliesToOrganizer) return SchedulingPlan.Nothing;
        var declined = new List<EditableComponent>();
        foreach (var component in old.Calendar.Components)
        {
            var isOver = string.Equals(component.Text("STATUS"), "CANCELLED", StringComparison.OrdinalIgnoreCase);
            if (!isOver && SchedulingObject.AttendeeLine(component.Content, me) is { } line && SchedulingObject.Participation(line) != "DECLINED")
                declined.Add(ItipMessageWriter.Brief(EditableComponent.Of(component.Content), EditableComponent.With(line, "PARTSTAT", "DECLINED"), now));
        }

        return declined.Count == 0 ? SchedulingPlan.Nothing : new SchedulingPlan([ItipMessageWriter.Write(ItipMethod.Reply, me, old.Organizer, old.Calendar, declined)], null);
    }

    private List<EditableComponent> Answers(bool all)
    {
        var answers = new List<EditableComponent>();
        var main = _new.Master is { } whole && IsAnswered(whole, all) ? whole : null;
        foreach (var component in _new.Calendar.Components)
        {
            // If the master component is answered, every override is included, so that the organizer has the status of each.
            if (SchedulingObject.AttendeeLine(component.Content, _me) is { } line && (component == main || main is not null || IsAnswered(component, all)))
                answers.Add(ItipMessageWriter.Brief(EditableComponent.Of(component.Content), line, _now));
        }

        if (_old is null || _new.Master is not { } recurring || SchedulingObject.AttendeeLine(recurring.Content, _me) is not { } mine) return answers;
        foreach (var id in _new.Excluded.Values.Where(id => !_old.Excluded.ContainsKey(id.Key)))
            answers.Add(ItipMessageWriter.BriefInstance(EditableComponent.Of(recurring.Content), id, EditableComponent.With(mine, "PARTSTAT", "DECLINED"), _now));
        return answers;
    }

    private bool IsAnswered(CalendarComponent component, bool all)
    {
        if (SchedulingObject.Participation(component.Content, _me) is not { } now) return false;
        if (all) return true;
        var before = _old?.Find(InstanceId.KeyOf(component)) ?? _old?.Master;
        return now != (before is null ? "NEEDS-ACTION" : SchedulingObject.Participation(before.Content, _me) ?? "NEEDS-ACTION");
    }

    private byte[] WithoutForceSend()
    {
        var root = EditableComponent.Of(_new.Calendar.Root);
        foreach (var component in root.Components) ForceSend.Remove(component);
        return root.ToBytes();
    }
}

using MailServer.Domain.Addresses;
using MailServer.Protocol.Calendars;

namespace MailServer.Protocol.Scheduling;

/// <summary>Plans the message that follows when an attendee changes their copy (RFC 6638 §3.2.2, RFC 5546 §3.2.3): a REPLY if the participation status changed.</summary>
public sealed class AttendeeChange
{
    private readonly SchedulingObject? _old;
    private readonly SchedulingObject _new;
    private readonly EmailAddress _me;
    private readonly DateTimeOffset _now;

    private AttendeeChange(SchedulingObject? old, SchedulingObject changed, EmailAddress me, DateTimeOffset now) => (_old, _new, _me, _now) = (old, changed, me, now);

    /// <summary>
    /// True if the attendee may make the change. This interprets RFC 6638 §3.2.2.1 leniently: only the organizer and the times must not change.
    /// </summary>
    public static bool IsAllowed(SchedulingObject old, SchedulingObject? changed)
    {
        ArgumentNullException.ThrowIfNull(old);
        if (changed is null || !changed.Organizer.Equals(old.Organizer)) return false;
        foreach (var component in changed.Calendar.Components)
        {
            if (old.Find(InstanceId.KeyOf(component)) is { } known)
            {
                if (Fingerprint.OfTimes(known) != Fingerprint.OfTimes(component)) return false;
            }
            else if (component is { RecurrenceId: { } id, Start: { } start } && InstanceId.KeyOf(id) != InstanceId.KeyOf(start))
            {
                return false;
            }
        }

        return true;
    }

    public static SchedulingPlan Plan(SchedulingObject? old, SchedulingObject changed, EmailAddress me, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(changed);
        if (!changed.ServerAnswersOrganizer) return SchedulingPlan.Nothing;
        var change = new AttendeeChange(old, changed, me, now);
        var isForced = changed.OrganizerLine.Parameter("SCHEDULE-FORCE-SEND")?.Equals("REPLY", StringComparison.OrdinalIgnoreCase) == true;
        var answers = change.Answers(isForced);
        ItipMessage[] messages = answers.Count == 0 ? [] : [MessageDraft.Write(ItipMethod.Reply, me, changed.Organizer, changed.Calendar, answers)];
        return new SchedulingPlan(messages, isForced ? change.WithoutForceSend() : null);
    }

    /// <summary>Plans the removal of the copy: all instances that are not declined yet are declined (RFC 6638 §3.2.2.3).</summary>
    public static SchedulingPlan PlanRemoval(SchedulingObject old, EmailAddress me, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(old);
        if (!old.ServerAnswersOrganizer) return SchedulingPlan.Nothing;
        var declined = new List<ComponentDraft>();
        foreach (var component in old.Calendar.Components)
        {
            var isOver = string.Equals(component.Text("STATUS"), "CANCELLED", StringComparison.OrdinalIgnoreCase);
            if (!isOver && SchedulingObject.AttendeeLine(component.Content, me) is { } line && SchedulingObject.Participation(line) != "DECLINED")
                declined.Add(MessageDraft.Brief(ComponentDraft.Of(component.Content), ComponentDraft.With(line, "PARTSTAT", "DECLINED"), now));
        }

        return declined.Count == 0 ? SchedulingPlan.Nothing : new SchedulingPlan([MessageDraft.Write(ItipMethod.Reply, me, old.Organizer, old.Calendar, declined)], null);
    }

    private List<ComponentDraft> Answers(bool all)
    {
        var answers = new List<ComponentDraft>();
        var main = _new.Main is { } whole && IsAnswered(whole, all) ? whole : null;
        foreach (var component in _new.Calendar.Components)
        {
            // If the master component is answered, every override is included, so that the organizer has the status of each.
            if (SchedulingObject.AttendeeLine(component.Content, _me) is { } line && (component == main || main is not null || IsAnswered(component, all)))
                answers.Add(MessageDraft.Brief(ComponentDraft.Of(component.Content), line, _now));
        }

        if (_old is null || _new.Main is not { } recurring || SchedulingObject.AttendeeLine(recurring.Content, _me) is not { } mine) return answers;
        foreach (var id in _new.Excluded.Values.Where(id => !_old.Excluded.ContainsKey(id.Key)))
            answers.Add(MessageDraft.BriefInstance(ComponentDraft.Of(recurring.Content), id, ComponentDraft.With(mine, "PARTSTAT", "DECLINED"), _now));
        return answers;
    }

    private bool IsAnswered(CalendarComponent component, bool all)
    {
        if (SchedulingObject.Participation(component.Content, _me) is not { } now) return false;
        if (all) return true;
        var before = _old?.Find(InstanceId.KeyOf(component)) ?? _old?.Main;
        return now != (before is null ? "NEEDS-ACTION" : SchedulingObject.Participation(before.Content, _me) ?? "NEEDS-ACTION");
    }

    private byte[] WithoutForceSend()
    {
        var root = ComponentDraft.Of(_new.Calendar.Root);
        foreach (var component in root.Components)
            component.Change("ORGANIZER", l => ComponentDraft.With(l, "SCHEDULE-FORCE-SEND", null));
        return root.ToBytes();
    }
}

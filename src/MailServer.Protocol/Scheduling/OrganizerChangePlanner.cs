using System.Globalization;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>
/// Plans the messages that follow when an organizer changes an object (RFC 6638 §3.2.1, RFC 5546 §3.2). Each attendee sees only their own part:
/// a new or relevantly changed part is a REQUEST, a removed part is a CANCEL. If times change, participation is reset. SEQUENCE is
/// incremented if times, excluded instances or the status change (RFC 5546 §2.1.4).
/// </summary>
public sealed class OrganizerChangePlanner
{
    private readonly SchedulingObject? _old;
    private readonly SchedulingObject? _new;
    private readonly DateTimeOffset _now;
    private readonly EmailAddress _organizer;
    private readonly EditableComponent? _root;
    private readonly Dictionary<string, EditableComponent> _drafts = new(StringComparer.Ordinal);
    private bool _rewritten;

    private OrganizerChangePlanner(SchedulingObject? old, SchedulingObject? changed, DateTimeOffset now)
    {
        (_old, _new, _now) = (old, changed, now);
        _organizer = (changed ?? old)!.Organizer;
        if (changed is null) return;
        _root = EditableComponent.Of(changed.Calendar.Root);
        foreach (var (component, draft) in changed.Calendar.Components.Zip(_root.Components.Where(c => c.Name != "VTIMEZONE")))
            _drafts.TryAdd(InstanceId.KeyOf(component), draft);
    }

    /// <param name="old">The stored object; null for a new object.</param>
    /// <param name="changed">The new object; null if it is removed or has no attendees any more.</param>
    /// <param name="keepsAnswers">True if the client used the schedule tag: replies received in the meantime are then kept (RFC 6638 §3.2.10).</param>
    /// <param name="now">The DTSTAMP of the messages.</param>
    public static SchedulingPlan Plan(SchedulingObject? old, SchedulingObject? changed, bool keepsAnswers, DateTimeOffset now)
    {
        if (old is null && changed is null) return SchedulingPlan.Nothing;
        var change = new OrganizerChangePlanner(old, changed, now);
        change.Prepare(keepsAnswers);
        var attendees = (old?.Attendees ?? new HashSet<EmailAddress>()).Union(changed?.Attendees ?? new HashSet<EmailAddress>());
        ItipMessage[] messages = [.. attendees.Where(a => !a.Equals(change._organizer)).SelectMany(change.MessagesTo)];
        change.RemoveForceSend();
        return new SchedulingPlan(messages, change._rewritten ? change._root!.ToBytes() : null);
    }

    /// <summary>The REQUEST that answers a REFRESH from an attendee (RFC 5546 §3.2.6); null if the attendee has no part in the object.</summary>
    public static ItipMessage? Refresh(SchedulingObject stored, EmailAddress attendee, DateTimeOffset now)
    {
        var view = AttendeeView.Of(stored, attendee);
        return view.IsEmpty ? null : new OrganizerChangePlanner(null, stored, now).Request(view, attendee);
    }

    private void Prepare(bool keepsAnswers)
    {
        if (_new is null || _old is null) return;
        foreach (var component in _new.Calendar.Components)
        {
            var draft = _drafts[InstanceId.KeyOf(component)];
            var before = _old.Find(InstanceId.KeyOf(component));
            if (before is null) continue;
            var hasNewTimes = ComponentFingerprint.OfTimes(before) != ComponentFingerprint.OfTimes(component);
            if (hasNewTimes) ResetParticipation(draft);
            else if (keepsAnswers) KeepAnswers(draft, before);
            if (hasNewTimes || StatusOf(before) != StatusOf(component) || (component == _new.Master && !_old.Excluded.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(_new.Excluded.Keys)))
                IncrementSequence(draft, before, component);
        }
    }

    private void ResetParticipation(EditableComponent draft) =>
        draft.Change("ATTENDEE", line =>
            _organizer.Equals(CalendarUserAddress.Parse(line.Text)) || SchedulingObject.Participation(line) == "NEEDS-ACTION"
                ? line
                : Rewritten(EditableComponent.With(line, "PARTSTAT", "NEEDS-ACTION")));

    private static string StatusOf(CalendarComponent component) =>
        component.Text("STATUS")?.Trim().ToUpperInvariant() is { Length: > 0 } status ? status : component.Name == "VTODO" ? "NEEDS-ACTION" : "CONFIRMED";

    private void IncrementSequence(EditableComponent draft, CalendarComponent before, CalendarComponent after)
    {
        if (ItipMessageWriter.Sequence(after) > ItipMessageWriter.Sequence(before)) return;
        draft.Set(string.Create(CultureInfo.InvariantCulture, $"SEQUENCE:{ItipMessageWriter.Sequence(before) + 1}"));
        _rewritten = true;
    }

    private void KeepAnswers(EditableComponent draft, CalendarComponent before) => draft.Change("ATTENDEE", line =>
    {
        if (CalendarUserAddress.Parse(line.Text) is not { } attendee || attendee.Equals(_organizer)) return line;
        if (SchedulingObject.AttendeeLine(before.Content, attendee) is not { } known) return line;
        var answer = SchedulingObject.Participation(known);
        return answer == SchedulingObject.Participation(line) ? line : Rewritten(EditableComponent.With(line, "PARTSTAT", answer));
    });

    private ContentLine Rewritten(ContentLine line)
    {
        _rewritten = true;
        return line;
    }

    private IEnumerable<ItipMessage> MessagesTo(EmailAddress attendee)
    {
        var (before, after) = (AttendeeView.Of(_old, attendee), AttendeeView.Of(_new, attendee));
        if (after.IsEmpty) return before.IsEmpty || before.IsCancelled || IsLeftToClient(attendee) ? [] : [CancelAll(before, attendee)];
        if (after.IsCancelled) return before.IsEmpty || before.IsCancelled ? [] : [CancelAll(after, attendee)];
        if (before.IsEmpty || IsForced(after, attendee)) return [Request(after, attendee)];

        var removed = RemovedInstances(before, after);
        var keys = removed.Select(i => i.Key).ToHashSet(StringComparer.Ordinal);
        var rest = before.FingerprintWithout(keys) != after.FingerprintWithout(keys) || before.Excluded.Keys.Except(after.Excluded.Keys, StringComparer.Ordinal).Any();
        // A REQUEST with the master component also conveys which instances were removed.
        if (rest && (after.HasMaster || removed.Count == 0)) return [Request(after, attendee)];
        if (removed.Count == 0) return [];
        var cancel = CancelInstances(before, removed, attendee);
        return rest ? [cancel, Request(after, attendee)] : [cancel];
    }

    private static List<InstanceId> RemovedInstances(AttendeeView before, AttendeeView after)
    {
        List<InstanceId> removed = [.. after.Excluded.Values.Where(i => !before.Excluded.ContainsKey(i.Key))];
        if (!before.HasMaster && !after.HasMaster)
            removed.AddRange(before.Components.Where(c => !after.Components.ContainsKey(c.Key)).Select(c => InstanceId.Of(c.Value)).OfType<InstanceId>());
        return removed;
    }

    private ItipMessage Request(AttendeeView view, EmailAddress attendee)
    {
        var parts = new List<EditableComponent>();
        foreach (var (key, _) in view.Components)
        {
            var draft = ItipMessageWriter.Clean(_drafts[key], _now);
            if (key == InstanceId.MasterKey)
                draft.Lines.AddRange(view.Excluded.Where(e => !_new!.Excluded.ContainsKey(e.Key)).Select(e => e.Value.ToLine("EXDATE")));
            parts.Add(draft);
        }

        return ItipMessageWriter.Write(ItipMethod.Request, _organizer, attendee, _new!.Calendar, parts);
    }

    private ItipMessage CancelAll(AttendeeView view, EmailAddress attendee)
    {
        var components = view.HasMaster ? [view.Components[InstanceId.MasterKey]] : view.Components.Values.ToArray();
        return Cancel(components.Select(c => (c, (InstanceId?)null)), attendee);
    }

    private ItipMessage CancelInstances(AttendeeView before, List<InstanceId> removed, EmailAddress attendee) =>
        Cancel(removed.Select(i => before.Components.TryGetValue(i.Key, out var known) ? (known, null) : (before.Components[InstanceId.MasterKey], (InstanceId?)i)), attendee);

    private ItipMessage Cancel(IEnumerable<(CalendarComponent Component, InstanceId? Instance)> cancelled, EmailAddress attendee)
    {
        var parts = new List<EditableComponent>();
        foreach (var (component, instance) in cancelled)
        {
            var draft = EditableComponent.Of(component.Content);
            var line = draft.LinesNamed("ATTENDEE").First(l => attendee.Equals(CalendarUserAddress.Parse(l.Text)));
            var brief = instance is null ? ItipMessageWriter.Brief(draft, line, _now) : ItipMessageWriter.BriefInstance(draft, instance, line, _now);
            var key = InstanceId.KeyOf(component);
            var newest = (_drafts.GetValueOrDefault(key) ?? _drafts.GetValueOrDefault(InstanceId.MasterKey)) is { } current ? ItipMessageWriter.Sequence(current.Line("SEQUENCE")) : 0;
            brief.Set(string.Create(CultureInfo.InvariantCulture, $"SEQUENCE:{Math.Max(ItipMessageWriter.Sequence(_old?.Find(key) ?? component) + 1, newest)}"));
            brief.Set("STATUS:CANCELLED");
            parts.Add(brief);
        }

        return ItipMessageWriter.Write(ItipMethod.Cancel, _organizer, attendee, (_old ?? _new)!.Calendar, parts);
    }

    /// <summary>True if the attendee is still invited but the server does not schedule for them (SCHEDULE-AGENT=CLIENT or NONE, RFC 6638 §7.1).</summary>
    private bool IsLeftToClient(EmailAddress attendee) => _new?.Attendees.Contains(attendee) == true;

    private static bool IsForced(AttendeeView view, EmailAddress attendee) => view.Components.Values.Any(c =>
        ForceSend.Orders(SchedulingObject.AttendeeLine(c.Content, attendee), "REQUEST"));

    private void RemoveForceSend()
    {
        if (_new is null || !ForceSend.IsIn(_new.Calendar)) return;
        foreach (var draft in _drafts.Values) ForceSend.Remove(draft);
        _rewritten = true;
    }
}

using MailServer.Domain.Addresses;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>Applies an attendee's reply to the organizer's object (RFC 5546 §3.2.3, RFC 6638 §4.2): the participation status in the whole object or single instances.</summary>
public static class OrganizerItipProcessor
{
    private const int MostStatuses = 8;
    private const int LongestStatus = 12;

    private static readonly string[] OfEvents = ["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"];
    private static readonly string[] OfTasks = [.. OfEvents, "COMPLETED", "IN-PROCESS"];

    /// <param name="message">A REPLY or REFRESH.</param>
    /// <param name="attendee">The verified sender.</param>
    /// <param name="stored">The organizer's object; null if there is none.</param>
    /// <param name="isMine">Tests whether an address belongs to the account.</param>
    public static ItipOutcome Apply(ReceivedItipMessage message, EmailAddress attendee, SchedulingObject? stored, Func<EmailAddress, bool> isMine)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (stored is null) return new ItipOutcome.Ignored("no such event is stored");
        if (!isMine(stored.Organizer) || !stored.Organizer.Equals(message.Organizer)) return ItipOutcome.Refused("the organizer differs");
        if (message.Calendar.Component != stored.Calendar.Component) return ItipOutcome.Refused("the component type differs");
        if (attendee.Equals(stored.Organizer)) return ItipOutcome.Refused("the sender is the organizer");
        var isInvited = stored.Attendees.Contains(attendee);
        if (message.Method == ItipMethod.Refresh) return isInvited ? new ItipOutcome.RefreshRequested(attendee) : ItipOutcome.Refused("the sender is not an attendee");
        if (!isInvited && !stored.Calendar.Components.Any(c => Delegation.Of(c.Content.Lines, attendee) is not null)) return ItipOutcome.Refused("the sender is not an attendee");
        var reply = new ReplyEditor(message, stored, attendee);
        return reply.Apply() ? new ItipOutcome.Changed(reply.Text) : ItipOutcome.Unchanged.Instance;
    }

    private sealed class ReplyEditor(ReceivedItipMessage message, SchedulingObject stored, EmailAddress attendee)
    {
        private readonly EditableComponent _root = EditableComponent.Of(stored.Calendar.Root);
        private readonly Dictionary<string, (CalendarComponent Component, EditableComponent Draft)> _drafts = new(StringComparer.Ordinal);

        // Shared by all instances in the message.
        private readonly InstanceOverrides _overrides = new(stored.Calendar);
        private bool _changed;

        public byte[] Text => _root.ToBytes();

        public bool Apply()
        {
            foreach (var part in stored.Calendar.Components.Zip(_root.Components.Where(static c => c.Name != "VTIMEZONE"))) _drafts.TryAdd(InstanceId.KeyOf(part.First), part);
            foreach (var component in message.Calendar.Components)
            {
                if (SchedulingObject.AttendeeLine(component.Content, attendee) is not { } line || !IsAnswer(component, line)) continue;
                if (component.RecurrenceId is { } id) ApplyToInstance(component, id, line);
                else ApplyToWhole(component, line);
            }

            return _changed;
        }

        /// <summary>True if the participation status is valid for the component type (RFC 5545 §3.2.12).</summary>
        private static bool IsAnswer(CalendarComponent component, ContentLine line) =>
            Array.IndexOf(component.Name == "VTODO" ? OfTasks : OfEvents, SchedulingObject.Participation(line)) >= 0;

        private void ApplyToWhole(CalendarComponent answered, ContentLine line)
        {
            var before = stored.Master is { } main ? SchedulingObject.Participation(main.Content, attendee) : null;
            var single = message.Calendar.Components.Select(InstanceId.KeyOf).ToHashSet(StringComparer.Ordinal);
            foreach (var (component, draft) in _drafts.Values)
            {
                // An instance that had a different status before keeps it.
                var follows = component.RecurrenceId is null
                    || (!single.Contains(InstanceId.KeyOf(component)) && SchedulingObject.Participation(component.Content, attendee) == before);
                if (follows && ItipMessageWriter.Sequence(answered) >= ItipMessageWriter.Sequence(component)) Set(draft, line, StatusOf(answered));
            }
        }

        private void ApplyToInstance(CalendarComponent answered, CalendarTime id, ContentLine line)
        {
            if (_drafts.TryGetValue(id.InstanceKey, out var known))
            {
                if (ItipMessageWriter.Sequence(answered) >= ItipMessageWriter.Sequence(known.Component)) Set(known.Draft, line, StatusOf(answered));
                return;
            }

            if (stored.Master is not { } main || ItipMessageWriter.Sequence(answered) < ItipMessageWriter.Sequence(main) || _overrides.Create(id) is not { } made) return;
            if (!Set(made, line, StatusOf(answered))) return;
            _root.Components.Add(made);
            _drafts.Add(id.InstanceKey, (main, made));
        }

        private bool Set(EditableComponent draft, ContentLine answer, string status)
        {
            var stamp = DateTimeOffset.FromUnixTimeSeconds(message.Revision.Stamp);
            var known = draft.LinesNamed("ATTENDEE").FirstOrDefault(l => attendee.Equals(CalendarUserAddress.Parse(l.Text)));
            if (known is null)
            {
                // A delegate is only added to components in which a delegator names them.
                if (Delegation.Of(draft.Lines, attendee) is not { } delegator) return false;
                draft.Lines.Add(Answered(Delegation.Invite(delegator, attendee), answer, status, stamp));
                return _changed = true;
            }

            var isOvertaken = string.CompareOrdinal(known.Parameter(ItipMessageWriter.RepliedAt), ItipMessageWriter.Stamp(stamp)) > 0;
            if (isOvertaken || (known.Parameter(ItipMessageWriter.RepliedAt) == ItipMessageWriter.Stamp(stamp) && SchedulingObject.Participation(known) == SchedulingObject.Participation(answer)))
                return false;
            draft.Lines[draft.Lines.IndexOf(known)] = Answered(known, answer, status, stamp);
            return _changed = true;
        }

        /// <summary>The codes of REQUEST-STATUS in the reply (RFC 6638 §4.2); 2.0 if it has none.</summary>
        private static string StatusOf(CalendarComponent answered)
        {
            var codes = answered.Content.LinesNamed("REQUEST-STATUS").Select(static line => line.Text.Split(';')[0].Trim()).Where(IsCode).Distinct(StringComparer.Ordinal).Take(MostStatuses);
            return string.Join(',', codes) is { Length: > 0 } status ? status : "2.0";
        }

        private static bool IsCode(string text) => text.Length is > 0 and <= LongestStatus && text.All(static c => char.IsAsciiDigit(c) || c == '.');

        private static ContentLine Answered(ContentLine known, ContentLine answer, string status, DateTimeOffset stamp)
        {
            var line = Delegation.Answered(EditableComponent.With(known, "PARTSTAT", SchedulingObject.Participation(answer)), answer);
            return EditableComponent.With(EditableComponent.With(line, "SCHEDULE-STATUS", status), ItipMessageWriter.RepliedAt, ItipMessageWriter.Stamp(stamp));
        }
    }
}

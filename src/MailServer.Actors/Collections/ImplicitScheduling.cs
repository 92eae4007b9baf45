using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Scheduling;
using MailServer.Storage.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// Applies changes to an account's calendars and creates the scheduling messages that they require (RFC 6638 §3.2); the change and its messages are one
/// transaction. Objects without organizer and attendees are stored without messages.
/// </summary>
internal sealed class ImplicitScheduling(CalendarUser user, TimeProvider time, Limits limits)
{
    public CollectionReply Change(CollectionStore store, CollectionRequest.Change change) => store.Change(change, apply => change switch
    {
        CollectionRequest.Put { Path: { Space: CollectionSpace.Calendars, IsHome: false } } put => Put(store, put, apply),
        CollectionRequest.Delete { Path.Space: CollectionSpace.Calendars } delete => Remove(store, delete, delete.Path, delete.Silent, apply),
        CollectionRequest.Transfer { To.Space: CollectionSpace.Calendars, Overwrite: true } transfer => Remove(store, transfer, transfer.To, silent: false, apply),
        _ => apply(change),
    });

    private CollectionReply Put(CollectionStore store, CollectionRequest.Put put, Func<CollectionRequest.Change, CollectionReply> apply)
    {
        if (AttachmentRules.Apply(store, put) is not { } checkedPut) return new CollectionReply.Refused(CollectionRefusal.ManagedIdUnknown);
        put = checkedPut;
        var known = store.Read(new CollectionRequest.Find(put.Path, WithBody: false)) is CollectionReply.ItemFound { Resource: { } found } ? found : null;
        var mayBeScheduled = put.Resource.Body.Span.IndexOf("ORGANIZER"u8) >= 0;
        if (known?.ScheduleTag is null && !mayBeScheduled) return apply(put);

        // A stale precondition is reported before any scheduling error.
        if (store.Scheduling.Check(put) is { } stale) return stale;
        var old = known?.ScheduleTag is null ? null : SchedulingObject.Parse(store.Scheduling.Read(put.Path)!.Body);
        var changed = mayBeScheduled ? SchedulingObject.Parse(put.Resource.Body) : null;
        if (Octets(old) > limits.SchedulingOctets || Octets(changed) > limits.SchedulingOctets) return new CollectionReply.Refused(CollectionRefusal.TooMany);
        if (changed is { HasSameOrganizer: false }) return new CollectionReply.Refused(CollectionRefusal.OrganizersDiffer);
        if (Plan(old, changed, put, out var plan, out var isScheduled) is { } refused) return refused;
        if (store.Scheduling.PendingCount + plan.Messages.Count > limits.SchedulingMessages) return new CollectionReply.Refused(CollectionRefusal.TooMany);

        var resource = plan.Body is { } body ? NewResourceReader.Read(put.Path.Space, body, null) with { Attachments = put.Resource.Attachments } : put.Resource;
        if (isScheduled) resource = resource with { ScheduleTag = resource.ETag, Revision = known is null ? null : store.Scheduling.RevisionOf(known) };
        var reply = apply(put with { Resource = resource });
        if (reply is not CollectionReply.Stored stored) return reply;
        Enqueue(store, plan);
        return stored with { Rewritten = plan.Body is not null };
    }

    private CollectionReply.Refused? Plan(SchedulingObject? old, SchedulingObject? changed, CollectionRequest.Put put, out SchedulingPlan plan, out bool isScheduled)
    {
        plan = SchedulingPlan.Nothing;
        isScheduled = changed is not null;
        var now = time.GetUtcNow();
        if (old is not null && user.Is(old.Organizer))
        {
            if (changed is not null && !user.Is(changed.Organizer)) return new CollectionReply.Refused(CollectionRefusal.OrganizerChangeNotAllowed);
            plan = OrganizerChangePlanner.Plan(old, changed, keepsAnswers: put.Conditions.IfScheduleTag is not null, now);
        }
        else if (old is not null)
        {
            if (!AttendeeChangePlanner.IsAllowed(old, changed)) return new CollectionReply.Refused(CollectionRefusal.AttendeeChangeNotAllowed);
            if (changed!.TryFindAttendee(user.Is, out var me)) plan = AttendeeChangePlanner.Plan(old, changed, me, now);
            // RFC 6638 §3.2.2.1: an attendee declines or deletes the object; removing the ATTENDEE property would notify no one.
            else if (old.TryFindAttendee(user.Is, out _)) return new CollectionReply.Refused(CollectionRefusal.AttendeeChangeNotAllowed);
        }
        else if (changed is not null)
        {
            if (user.Is(changed.Organizer)) plan = OrganizerChangePlanner.Plan(null, changed, keepsAnswers: false, now);
            else if (changed.TryFindAttendee(user.Is, out var me)) plan = AttendeeChangePlanner.Plan(null, changed, me, now);
            else isScheduled = false;
        }

        return null;
    }

    /// <summary>A change that removes objects: cancels those organized by the user, and declines those the user attends.</summary>
    private CollectionReply Remove(CollectionStore store, CollectionRequest.Change change, CollectionPath path, bool silent, Func<CollectionRequest.Change, CollectionReply> apply)
    {
        var plans = new List<SchedulingPlan>();
        foreach (var gone in store.Scheduling.ObjectsIn(path).Append(path))
        {
            if (gone.IsHome || store.Scheduling.Read(gone) is not { ScheduleTag: not null } entry || SchedulingObject.Parse(entry.Body) is not { } old) continue;
            if (user.Is(old.Organizer)) plans.Add(OrganizerChangePlanner.Plan(old, null, keepsAnswers: false, time.GetUtcNow()));
            else if (!silent && old.TryFindAttendee(user.Is, out var me)) plans.Add(AttendeeChangePlanner.PlanRemoval(old, me, time.GetUtcNow()));
        }

        if (store.Scheduling.PendingCount + plans.Sum(p => p.Messages.Count) > limits.SchedulingMessages) return new CollectionReply.Refused(CollectionRefusal.TooMany);
        var reply = apply(change);
        if (reply is CollectionReply.Done or CollectionReply.Stored)
            foreach (var plan in plans) Enqueue(store, plan);
        return reply;
    }

    /// <summary>The size of the messages if every attendee received the whole object.</summary>
    private static long Octets(SchedulingObject? found) => found is null ? 0 : (long)found.Calendar.Text.Length * found.Attendees.Count;

    private void Enqueue(CollectionStore store, SchedulingPlan plan)
    {
        foreach (var message in plan.Messages.Where(m => !user.Is(m.Recipient))) store.Scheduling.Enqueue(message.ToStored(time.GetUtcNow()));
    }
}

using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Scheduling;
using MailServer.Storage.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// The rules for references to managed attachments in objects that clients store: the values of their properties are the server's, and an object can only
/// refer to attachments that its author may read (RFC 8607 §3.7, precondition <c>CALDAV:valid-managed-id-parameter</c>).
/// </summary>
internal static class AttachmentRules
{
    /// <summary>
    /// The answer to <see cref="CollectionRequest.ListAttachmentUses"/>. Only the owner of an attachment gives it to attendees, in meetings that they organize: in
    /// a meeting of somebody else it would be that organizer who decides.
    /// </summary>
    public static CollectionReply.AttachmentUses ListUses(CollectionStore store, CollectionRequest.ListAttachmentUses request, CalendarUser user)
    {
        var found = request.Uid is { } uid
            ? new[] { store.Attachments.Scheduled(uid, request.Sharee) }.OfType<ResourceEntry>()
            : store.Attachments.Users(request.Id, request.Sharee).Where(entry => SchedulingObject.Parse(entry.Body) is { } meeting && user.Is(meeting.Organizer));
        return new CollectionReply.AttachmentUses([.. found.Select(entry => AttachmentHolders.Of(entry.Body, request.Id)).OfType<AttachmentUse>()]);
    }

    /// <summary>An object that the server changes itself refers to no further attachments, whatever the message of another user names.</summary>
    public static NewResource Keep(CollectionStore store, CollectionPath path, NewResource resource)
    {
        if (resource.Attachments.Count == 0) return resource;
        var used = store.Attachments.UsedBy(path);
        return resource with { Attachments = [.. resource.Attachments.Where(used.Contains)] };
    }

    /// <summary>Returns the change with the properties of attachments as the server wrote them; null if the object names an unknown attachment.</summary>
    public static CollectionRequest.Put? Apply(CollectionStore store, CollectionRequest.Put put)
    {
        var resource = put.Resource;
        if (resource.Attachments.Count == 0 || !CalendarObject.TryParse(resource.Body, CalendarLimits.Default, out var calendar, out _)) return put;
        var known = new Dictionary<string, ContentLine>(StringComparer.Ordinal);
        var named = ManagedAttachments.Of(calendar).Where(id => id != put.Attachment?.Id).ToList();
        var stored = store.Scheduling.Read(put.Path)?.Body is { } body && CalendarObject.TryParse(body, CalendarLimits.Default, out var old, out _) ? old : null;
        foreach (var id in named)
        {
            var line = LineIn(stored, id) ?? LineOf(store, put, id);
            if (line is null) return null;
            known[id] = line;
        }

        // A URL of an attachment that the author may not read is text like any other: it makes the attachment neither readable nor used.
        var used = store.Attachments.UsedBy(put.Path);
        var uses = resource.Attachments.Where(id => id == put.Attachment?.Id || used.Contains(id) || store.Attachments.Users(id, put.Sharee).Any()).ToList();
        if (ManagedAttachments.Restore(calendar, known) is { } restored) resource = NewResourceReader.Read(put.Path.Space, restored, null);
        return put with { Resource = resource with { Attachments = uses } };
    }

    /// <summary>The property of an attachment in another object of the account.</summary>
    private static ContentLine? LineOf(CollectionStore store, CollectionRequest.Put put, string id) =>
        store.Attachments.Users(id, put.Sharee)
            .Select(entry => CalendarObject.TryParse(entry.Body, CalendarLimits.Default, out var other, out _) ? LineIn(other, id) : null)
            .FirstOrDefault(static line => line is not null);

    private static ContentLine? LineIn(CalendarObject? calendar, string id) =>
        calendar is null ? null : ManagedAttachments.LinesOf(calendar).FirstOrDefault(found => found.Id == id).Line;
}

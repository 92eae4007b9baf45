using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>Changes of single resources and collections, in the open transaction.</summary>
internal sealed class CollectionWriter(CollectionContext context, WriteGuard guard)
{
    public CollectionReply Put(CollectionRequest.Put request)
    {
        var path = request.Path;
        if (path.IsHome || context.Tree.Find(path) is not null) return Refuse(CollectionRefusal.IsCollection);
        if (context.Tree.Find(path.Parent) is not { } parent) return Refuse(CollectionRefusal.ParentMissing);
        var existing = context.Resources.Find(parent.Id, path.Name);
        if (guard.Check(path, membership: existing is null, request) is { } refused) return refused;
        if ((CheckRules(parent, path.Name, request.Resource.Component, request.Resource.Uid) ?? CheckReplaced(parent, existing, request.Resource.Uid)) is { } broken) return broken;
        var attached = request.Attachment?.Body.Length ?? 0;
        if (context.Used + attached + request.Resource.Body.Length - (existing?.Size ?? 0) > context.Limits.DavQuota) return Refuse(CollectionRefusal.QuotaExceeded);

        if (CheckScheduled(request.Resource, existing) is { } elsewhere) return elsewhere;

        var modSeq = context.NextModSeq();
        var id = existing?.Id ?? context.Resources.Insert(parent.Id, path.Name, request.Resource, context.UnixTime, modSeq);
        if (existing is not null) context.Resources.Update(id, request.Resource, context.UnixTime, modSeq);
        context.Scheduled.Save(id, request.Resource, isNew: existing is null);
        if (request.Attachment is not null) context.Attachments.Insert(request.Attachment);
        context.Used += attached - context.Attachments.SetUses(id, request.Resource.Attachments);
        if (parent.Kind == CollectionKind.AddressBook) context.Birthdays.Set(context, id, request.Resource.Birthday);
        context.Tree.Changed(parent, modSeq);
        context.Used += request.Resource.Body.Length - (existing?.Size ?? 0);
        return new CollectionReply.Stored(request.Resource.ETag, existing is null) { ScheduleTag = request.Resource.ScheduleTag };
    }

    /// <summary>RFC 6638 §3.2.4.1: an account has at most one scheduling object with a given UID in all its calendars.</summary>
    private CollectionReply.Refused? CheckScheduled(NewResource resource, ResourceEntry? existing)
    {
        if (resource is not { ScheduleTag: not null, Uid: { } uid } || context.Scheduled.Find(uid) is not { } known || known.Id == existing?.Id) return null;
        return new CollectionReply.Refused(CollectionRefusal.ScheduledElsewhere, context.Tree.PathOf(known.Collection)?.Child(known.Name));
    }

    /// <summary>Checks the rules of a collection for a new member.</summary>
    public CollectionReply.Refused? CheckRules(CollectionNode parent, string name, CalendarComponents component, string? uid)
    {
        var fits = parent.Kind switch
        {
            CollectionKind.Calendar => component != CalendarComponents.None,
            CollectionKind.AddressBook => component == CalendarComponents.None && uid is not null,
            _ => parent.Info.IsFolder,
        };
        if (!fits) return Refuse(CollectionRefusal.WrongPlace);
        if (parent.IsGenerated) return Refuse(CollectionRefusal.Denied);
        if (parent.Kind == CollectionKind.Calendar && (parent.Components & component) == 0) return Refuse(CollectionRefusal.ComponentNotSupported);
        if (uid is not null && context.Resources.FindUid(parent.Id, uid) is { } other && other != name)
            return new CollectionReply.Refused(CollectionRefusal.UidConflict, parent.Path.Child(other));
        return null;
    }

    /// <summary>Checks that an object is not replaced by one with a different UID (RFC 4791 §5.3.2.1, RFC 6352 §6.3.2.1).</summary>
    public CollectionReply.Refused? CheckReplaced(CollectionNode parent, ResourceEntry? replaced, string? uid) =>
        replaced is null || parent.Info.IsFolder || context.Resources.UidOf(replaced.Id) == uid
            ? null
            : new CollectionReply.Refused(CollectionRefusal.UidConflict, parent.Path.Child(replaced.Name));

    public CollectionReply Delete(CollectionRequest.Delete request)
    {
        var path = request.Path;
        if (path.IsHome) return Refuse(CollectionRefusal.WrongPlace);
        var node = context.Tree.Find(path);
        var parent = context.Tree.Find(path.Parent);
        var entry = node is null && parent is not null ? context.Resources.Find(parent.Id, path.Name) : null;
        if (parent is null || (node is null && entry is null)) return Refuse(CollectionRefusal.NotFound);
        if ((guard.Check(path, membership: true, request) ?? guard.LockedBelow(path, request)) is { } refused) return refused;
        if (node is null && parent.IsGenerated) return Refuse(CollectionRefusal.Denied);
        if (node?.Kind is CollectionKind.ScheduleInbox or CollectionKind.ScheduleOutbox) return Refuse(CollectionRefusal.WrongPlace);
        if (node is not null) Remove(node);
        else Remove(parent, entry!);
        return CollectionReply.Done.Instance;
    }

    public void Remove(CollectionNode node)
    {
        context.Birthdays.RemoveAll(context, node);
        foreach (var gone in node.Subtree()) context.Used -= context.Attachments.RemoveAll(gone.Id);
        foreach (var gone in node.Subtree()) context.Subscriptions.RemoveAll(gone.Id);
        foreach (var gone in node.Subtree()) context.Used -= context.Resources.RemoveAll(gone.Id);
        context.Locks.RemoveBelow(node.Path);
        context.Tree.Remove(node);
        context.Tree.Changed(node.Parent!, context.NextModSeq());
    }

    public void Remove(CollectionNode parent, ResourceEntry entry)
    {
        if (parent.Kind == CollectionKind.AddressBook) context.Birthdays.Remove(context, entry.Id);
        var modSeq = context.NextModSeq();
        context.Resources.Remove(parent.Id, entry.Id, entry.Name, modSeq);
        context.Properties.RemoveAll(-entry.Id);
        context.Used -= context.Attachments.SetUses(entry.Id, []);
        context.Locks.RemoveBelow(parent.Path.Child(entry.Name));
        context.Tree.Changed(parent, modSeq);
        context.Used -= entry.Size;
    }

    public CollectionReply Make(CollectionRequest.MakeCollection request)
    {
        var path = request.Path;
        if (path.IsHome || context.Tree.Find(path) is not null) return Refuse(CollectionRefusal.Exists);
        if (context.Tree.Find(path.Parent) is not { } parent) return Refuse(CollectionRefusal.ParentMissing);
        if (context.Resources.Find(parent.Id, path.Name) is not null) return Refuse(CollectionRefusal.Exists);
        if (!MayHold(parent, request.Kind)) return Refuse(CollectionRefusal.WrongPlace);
        if (context.Tree.Count >= context.Limits.DavCollections) return Refuse(CollectionRefusal.TooMany);
        if (guard.Check(path, membership: true, request) is { } refused) return refused;

        var modSeq = context.NextModSeq();
        var node = context.Tree.Add(parent, path, request.Kind, request.Components, context.UnixTime, modSeq);
        foreach (var (name, value) in request.Properties)
        {
            node.Properties[name] = value;
            context.Properties.Set(node.Id, name, value);
        }

        context.Tree.Changed(parent, modSeq);
        return CollectionReply.Done.Instance;
    }

    /// <summary>Calendars, address books and what others share are allowed only directly in their homes, folders in folders.</summary>
    public static bool MayHold(CollectionNode parent, CollectionKind kind) => kind switch
    {
        CollectionKind.Calendar => parent.Path is { IsHome: true, Space: CollectionSpace.Calendars },
        CollectionKind.AddressBook => parent.Path is { IsHome: true, Space: CollectionSpace.AddressBooks },
        CollectionKind.Mount => parent.Path is { IsHome: true, Space: not CollectionSpace.Files },
        CollectionKind.Folder => parent.Info.IsFolder,
        _ => false,
    };

    public CollectionReply SetProperties(CollectionRequest.SetProperties request)
    {
        var path = request.Path;
        var node = context.Tree.Find(path);
        var parent = context.Tree.Find(path.Parent);
        var entry = node is null && parent is not null ? context.Resources.Find(parent.Id, path.Name) : null;
        if (node is null && entry is null) return Refuse(CollectionRefusal.NotFound);
        if (guard.Check(path, membership: false, request) is { } refused) return refused;

        var properties = node?.Properties ?? context.Properties.Of(-entry!.Id);
        var added = request.Properties.Count(change => change.Value is not null && !properties.ContainsKey(change.Key));
        if (properties.Count + added > context.Limits.DavProperties) return Refuse(CollectionRefusal.TooMany);
        foreach (var (name, value) in request.Properties)
        {
            context.Properties.Set(node?.Id ?? -entry!.Id, name, value);
            if (value is null) properties.Remove(name);
            else properties[name] = value;
        }

        var modSeq = context.NextModSeq();
        if (entry is not null) context.Resources.Touch(entry.Id, modSeq);
        if (node is not null) node.PropertiesChanged = true;
        context.Tree.Changed(node ?? parent!, modSeq);
        return CollectionReply.Done.Instance;
    }

    private static CollectionReply.Refused Refuse(CollectionRefusal reason) => new(reason);
}

using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>COPY and MOVE within one space of the account (RFC 4918 §9.8, §9.9), in the open transaction.</summary>
internal sealed class CollectionCopier(CollectionContext context, WriteGuard guard, CollectionWriter writes)
{
    public CollectionReply Transfer(CollectionRequest.Transfer request)
    {
        var (from, to) = (request.From, request.To);
        if (from.IsHome || to.IsHome || from.Space != to.Space || from.Contains(to) || to.Contains(from)) return Refuse(CollectionRefusal.WrongPlace);
        if (context.Tree.Find(from.Parent) is not { } source) return Refuse(CollectionRefusal.NotFound);
        if (context.Tree.Find(to.Parent) is not { } target) return Refuse(CollectionRefusal.ParentMissing);
        var replaced = context.Tree.Find(to);
        var replacedEntry = replaced is null ? context.Resources.Find(target.Id, to.Name) : null;
        var replaces = replaced is not null || replacedEntry is not null;
        var node = context.Tree.Find(from);
        var entry = node is null ? context.Resources.Find(source.Id, from.Name) : null;
        if (node is null && entry is null) return Refuse(CollectionRefusal.NotFound);
        if ((CheckGuards(request, replaces) ?? CheckPlace(request, node, entry, target)) is { } refused) return refused;
        if (entry is not null && writes.CheckReplaced(target, replacedEntry, context.Resources.UidOf(entry.Id)) is { } other) return other;

        if (entry is not null && source.IsGenerated && request.Move) return Refuse(CollectionRefusal.Denied);
        if (replaced is not null) writes.Remove(replaced);
        if (replacedEntry is not null) writes.Remove(target, replacedEntry);
        if (node is not null) Transfer(node, target, to, request);
        else Transfer(entry!, source, target, to.Name, request.Move);
        return StoredAs(entry, !replaces);
    }

    private CollectionReply.Refused? CheckPlace(CollectionRequest.Transfer request, CollectionNode? node, ResourceEntry? entry, CollectionNode target)
    {
        // A share ends by DELETE, which tells its owner.
        if (context.Tree.Find(request.To) is { Kind: CollectionKind.Mount }) return Refuse(CollectionRefusal.Denied);
        if (node is not null && !CollectionWriter.MayHold(target, node.Kind)) return Refuse(CollectionRefusal.WrongPlace);
        if (entry is not null && CheckMember(request, entry, target) is { } broken) return broken;
        return request.Move || Fits(node, entry) ? null : Refuse(CollectionRefusal.QuotaExceeded);
    }

    private CollectionReply.Refused? CheckGuards(CollectionRequest.Transfer request, bool replaces)
    {
        if (guard.Conditions(request.From, request) is { } failed) return failed;
        if (replaces && !request.Overwrite) return Refuse(CollectionRefusal.Exists);
        if (request.Move && (guard.Locked(request.From, membership: true, request) ?? guard.LockedBelow(request.From, request)) is { } locked) return locked;
        return guard.Locked(request.To, membership: true, request) ?? (replaces ? guard.LockedBelow(request.To, request) : null);
    }

    private CollectionReply.Refused? CheckMember(CollectionRequest.Transfer request, ResourceEntry entry, CollectionNode target)
    {
        if (!request.Move && entry.ScheduleTag is not null) return new CollectionReply.Refused(CollectionRefusal.ScheduledElsewhere, request.From);
        if (context.Tree.Find(request.From.Parent) is { Kind: CollectionKind.ScheduleInbox }) return Refuse(CollectionRefusal.WrongPlace);
        var uid = context.Resources.UidOf(entry.Id);
        var broken = writes.CheckRules(target, request.To.Name, entry.Component, uid);
        if (broken is not { Reason: CollectionRefusal.UidConflict }) return broken;
        // When a resource moves within its collection, the conflicting UID is its own.
        return request.Move && request.From.Equals(broken.Path) ? null : broken;
    }

    private bool Fits(CollectionNode? node, ResourceEntry? entry)
    {
        if (entry is not null) return context.Used + entry.Size <= context.Limits.DavQuota;
        var collections = node!.Subtree().ToArray();
        return context.Tree.Count + collections.Length <= context.Limits.DavCollections
            && context.Used + collections.Sum(part => context.Resources.SizeOf(part.Id)) <= context.Limits.DavQuota;
    }

    private void Transfer(ResourceEntry entry, CollectionNode source, CollectionNode target, string name, bool move)
    {
        // The removal and the addition are separate changes, even within one collection, because a page of changes may end between them.
        var gone = move ? context.NextModSeq() : 0;
        var modSeq = context.NextModSeq();
        if (move)
        {
            context.Resources.Move(source.Id, entry, gone, target.Id, name, modSeq);
            context.Locks.RemoveBelow(source.Path.Child(entry.Name));
            context.Tree.Changed(source, gone);
        }
        else
        {
            var copy = context.Resources.Copy(entry.Id, target.Id, name, context.UnixTime, modSeq);
            context.Properties.Copy(-entry.Id, -copy);
            context.Attachments.CopyUses(entry.Id, copy);
            if (target.Kind == CollectionKind.AddressBook) context.Birthdays.Copy(entry.Id, copy);
            context.Used += entry.Size;
        }

        context.Tree.Changed(target, modSeq);
    }

    private void Transfer(CollectionNode node, CollectionNode target, CollectionPath to, CollectionRequest.Transfer request)
    {
        if (!request.Move)
        {
            Copy(node, target, to, request.Deep);
            return;
        }

        var modSeq = context.NextModSeq();
        context.Locks.RemoveBelow(node.Path);
        context.Tree.Changed(node.Parent!, modSeq);
        context.Tree.Move(node, target, to, modSeq);
        context.Tree.Changed(target, modSeq);
    }

    private void Copy(CollectionNode node, CollectionNode parent, CollectionPath to, bool deep)
    {
        var modSeq = context.NextModSeq();
        var copy = context.Tree.Add(parent, to, node.Kind, node.Components, context.UnixTime, modSeq);
        context.Properties.Copy(node.Id, copy.Id);
        foreach (var (name, value) in node.Properties) copy.Properties[name] = value;
        context.Tree.Changed(parent, modSeq);
        if (!deep) return;

        var after = 0L;
        while (context.Resources.List(node.Id, after, context.Limits.DavPage) is { Count: > 0 } page)
        {
            foreach (var entry in page) Transfer(entry, node, copy, entry.Name, move: false);
            after = page[^1].Id;
        }

        foreach (var child in node.Children.Values) Copy(child, copy, to.Child(child.Path.Name), deep);
    }

    private static CollectionReply.Stored StoredAs(ResourceEntry? entry, bool created) =>
        entry is null ? new CollectionReply.Stored("", created) : new CollectionReply.Stored(entry.ETag, created) { ScheduleTag = entry.ScheduleTag };

    private static CollectionReply.Refused Refuse(CollectionRefusal reason) => new(reason);
}

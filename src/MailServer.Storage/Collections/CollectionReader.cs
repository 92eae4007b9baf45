using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>Read requests, answered in pages.</summary>
internal sealed class CollectionReader(CollectionContext context)
{
    private static readonly CollectionReply.Refused NotFound = new(CollectionRefusal.NotFound);

    public CollectionReply Find(CollectionRequest.Find request)
    {
        if (context.Tree.Find(request.Path) is { } node) return new CollectionReply.ItemFound(node.Info, null, node.Parent?.Info);
        if (request.Path.IsHome || context.Tree.Find(request.Path.Parent) is not { } parent) return NotFound;
        if (context.Resources.Find(parent.Id, request.Path.Name) is not { } entry) return NotFound;
        entry = request.WithBody
            ? entry with { Body = context.Resources.Body(entry.Id) }
            : entry with { Properties = context.Properties.Of(-entry.Id) };
        return new CollectionReply.ItemFound(null, entry, parent.Info);
    }

    public CollectionReply List(CollectionRequest.List request)
    {
        if (context.Tree.Find(request.Path) is not { } node) return NotFound;
        var entries = context.Resources.List(node.Id, request.After, context.Limits.DavPage);
        if (request.WithProperties)
            for (var i = 0; i < entries.Count; i++) entries[i] = entries[i] with { Properties = context.Properties.Of(-entries[i].Id) };
        long? next = entries.Count == context.Limits.DavPage ? entries[^1].Id : null;
        CollectionInfo[] collections = request.After == 0 ? [.. node.Children.Values.Select(child => child.Info)] : [];
        return new CollectionReply.Page(node.Info, collections, entries, next);
    }

    public CollectionReply Query(CollectionRequest.Query request)
    {
        if (context.Tree.Find(request.Path) is not { } node) return NotFound;
        var (found, next) = context.Resources.Query(node.Id, request.After, request.Plan, context.Limits.DavPageOctets);
        return new CollectionReply.Page(node.Info, [], found, next);
    }

    public CollectionReply ReadMany(CollectionRequest.ReadMany request)
    {
        if (context.Tree.Find(request.Path) is not { } node) return NotFound;
        var found = new List<ResourceEntry>(request.Names.Count);
        foreach (var name in request.Names)
        {
            if (context.Resources.Find(node.Id, name) is not { } entry) continue;
            found.Add(request.WithBody ? context.Resources.WithBody(entry) : entry);
        }

        return new CollectionReply.Page(node.Info, [], found, null);
    }

    /// <summary>Returns changes ordered by mod-sequence, so that a truncated page still ends with a valid token: all changes up to it have been returned.</summary>
    public CollectionReply Synchronise(CollectionRequest.Synchronise request)
    {
        if (context.Tree.Find(request.Path) is not { } node) return NotFound;
        var known = request.Collection is null
            || (request.Collection == node.Id && request.After <= context.ModSeq && request.After >= node.PrunedModSeq);
        if (!known) return new CollectionReply.Refused(CollectionRefusal.SyncTokenInvalid);

        var upTo = request.UpTo ?? node.ModSeq;
        var limit = Math.Min(request.Limit, context.Limits.DavPage);
        var changed = context.Resources.Changed(node.Id, request.After, upTo, limit + 1);
        var removed = request.Collection is null ? [] : context.Resources.Removed(node.Id, request.After, upTo, limit + 1);
        var more = changed.Count + removed.Count > limit;
        var reached = upTo;
        if (more)
        {
            reached = changed.Select(entry => entry.ModSeq).Concat(removed.Select(gone => gone.ModSeq)).Order().ElementAt(limit - 1);
            changed.RemoveAll(entry => entry.ModSeq > reached);
            removed.RemoveAll(gone => gone.ModSeq > reached);
        }

        return new CollectionReply.Changes(node.Info, changed, [.. removed.Select(gone => gone.Name)], reached, upTo, more);
    }

    public CollectionReply Locks(CollectionRequest.FindLocks request) => new CollectionReply.Locks(context.Locks.Touching(request.Path));

    public CollectionReply Quota() => new CollectionReply.Quota(context.Used, Math.Max(0, context.Limits.DavQuota - context.Used));
}

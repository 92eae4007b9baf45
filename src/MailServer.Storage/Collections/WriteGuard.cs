using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>Checks the preconditions of a change and the locks that it must submit (RFC 4918 §7, §10.4).</summary>
internal sealed class WriteGuard(CollectionContext context)
{
    /// <summary>Stands for the entity tag of a collection in <c>If-Match: *</c>.</summary>
    private const string CollectionTag = "collection";

    /// <param name="path">The path to be changed.</param>
    /// <param name="membership">True if the path is added or removed, so that its parent changes too.</param>
    /// <param name="change">The change with its conditions and requesting account.</param>
    public CollectionReply.Refused? Check(CollectionPath path, bool membership, CollectionRequest.Change change) =>
        Conditions(path, change) ?? Locked(path, membership, change);

    public CollectionReply.Refused? Conditions(CollectionPath path, CollectionRequest.Change change)
    {
        var conditions = change.Conditions;
        if (ReferenceEquals(conditions, Preconditions.None)) return null;
        var holds = conditions.IfMatch?.Matches(TagOf(path)) != false
            && conditions.IfNoneMatch?.Matches(TagOf(path)) != true
            && (conditions.IfScheduleTag is not { } tag || tag == EntryOf(path)?.ScheduleTag)
            && (conditions.If.Count == 0 || conditions.If.Any(list => Holds(list, path, change.Sharee)));
        return holds ? null : new CollectionReply.Refused(CollectionRefusal.PreconditionFailed);
    }

    public CollectionReply.Refused? Locked(CollectionPath path, bool membership, CollectionRequest.Change change)
    {
        if (context.Locks.Count == 0) return null;
        return Blocking(context.Locks.Covering(path), change)
            ?? (membership ? Blocking(context.Locks.Covering(path.Parent), change) : null);
    }

    /// <summary>Checks the locks below a collection that is removed or moved.</summary>
    public CollectionReply.Refused? LockedBelow(CollectionPath path, CollectionRequest.Change change)
    {
        if (context.Locks.Count == 0) return null;
        return context.Locks.Touching(path).GroupBy(found => found.Root).Select(locks => Blocking([.. locks], change)).FirstOrDefault(found => found is not null);
    }

    /// <summary>True if the change submits the lock token and the requesting account holds the lock.</summary>
    public bool Submits(CollectionRequest.Change change, ResourceLock held) =>
        change.Conditions.Submits(held.Token) && context.Locks.IsHeldBy(held.Token, change.Sharee);

    /// <summary>Among several shared locks, submitting one is enough.</summary>
    private CollectionReply.Refused? Blocking(List<ResourceLock> locks, CollectionRequest.Change change) =>
        locks.Count == 0 || locks.Exists(found => Submits(change, found))
            ? null
            : new CollectionReply.Refused(CollectionRefusal.Locked, locks[0].Root);

    private bool Holds(IfConditionList list, CollectionPath asked, AccountId? visitor)
    {
        if (list.IsForeign) return list.Conditions.All(state => state.Not);
        var path = list.Resource ?? asked;
        return list.Conditions.All(state => state.Not != Has(path, state, visitor));
    }

    private bool Has(CollectionPath path, IfCondition state, AccountId? visitor) => state.Token is { } token
        ? (context.Locks.Find(token)?.Covers(path) == true && context.Locks.IsHeldBy(token, visitor)) || IsCurrent(path, token)
        : state.ETag == TagOf(path);

    /// <summary>True if the token is the present sync token of the collection (RFC 6578 §5).</summary>
    private bool IsCurrent(CollectionPath path, string token) =>
        SyncToken.TryParse(token, out var sync) && context.Tree.Find(path)?.Info is { } collection && sync == new SyncToken(collection.Id, collection.ModSeq);

    private string? TagOf(CollectionPath path)
    {
        if (context.Tree.Find(path) is not null) return CollectionTag;
        return EntryOf(path)?.ETag;
    }

    private ResourceEntry? EntryOf(CollectionPath path) =>
        path.IsHome || context.Tree.Find(path.Parent) is not { } parent ? null : context.Resources.Find(parent.Id, path.Name);
}

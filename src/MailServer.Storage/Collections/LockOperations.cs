using System.Security.Cryptography;
using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>LOCK and UNLOCK (RFC 4918 §9.10, §9.11), in the open transaction.</summary>
internal sealed class LockOperations(CollectionContext context, WriteGuard guard)
{
    public CollectionReply Lock(CollectionRequest.Lock request)
    {
        var path = request.Path;
        if (guard.Conditions(path, request) is { } failed) return failed;
        context.Locks.RemoveExpired();
        if (context.Locks.Count >= context.Limits.DavLocks) return Refuse(CollectionRefusal.TooMany);
        var others = request.Deep ? context.Locks.Touching(path) : context.Locks.Covering(path);
        if (others.Find(other => other.Exclusive || request.Exclusive) is { } conflict)
            return new CollectionReply.Refused(CollectionRefusal.LockConflict, conflict.Root);

        var created = !Exists(path);
        if (created && MakeEmpty(path, request) is { } refused) return refused;
        var added = new ResourceLock(request.Token, path, request.Exclusive, request.Deep, request.Owner, context.Now + request.Timeout);
        context.Locks.Save(added, request.Sharee);
        return new CollectionReply.Locked(added, created);
    }

    public CollectionReply Refresh(CollectionRequest.RefreshLock request)
    {
        if (guard.Conditions(request.Path, request) is { } failed) return failed;
        if (context.Locks.Covering(request.Path).Find(found => guard.Submits(request, found)) is not { } known)
            return Refuse(CollectionRefusal.LockUnknown);
        var prolonged = known with { Until = context.Now + request.Timeout };
        context.Locks.Save(prolonged, request.Sharee);
        return new CollectionReply.Locked(prolonged, Created: false);
    }

    /// <summary>
    /// Only the creator may remove a lock, and the owner of the collections, who may remove the lock of a guest that forgot it (RFC 4918 §6.4).
    /// Lock discovery shows the owner its token.
    /// </summary>
    public CollectionReply Unlock(CollectionRequest.Unlock request)
    {
        if (context.Locks.Find(request.Token) is not { } known || !known.Covers(request.Path)) return Refuse(CollectionRefusal.LockUnknown);
        if (request.Sharee is not null && !context.Locks.IsHeldBy(known.Token, request.Sharee)) return Refuse(CollectionRefusal.Denied);
        context.Locks.Remove(known.Token);
        return CollectionReply.Done.Instance;
    }

    private bool Exists(CollectionPath path) => context.Tree.Find(path) is not null
        || (context.Tree.Find(path.Parent) is { } parent && context.Resources.Find(parent.Id, path.Name) is not null);

    // RFC 4918 §7.3
    private CollectionReply.Refused? MakeEmpty(CollectionPath path, CollectionRequest.Lock request)
    {
        if (context.Tree.Find(path.Parent) is not { } parent) return Refuse(CollectionRefusal.ParentMissing);
        if (!parent.Info.IsFolder) return Refuse(CollectionRefusal.NotFound);
        if (guard.Locked(path, membership: true, request) is { } locked) return locked;
        var empty = new NewResource
        {
            Body = default,
            ETag = Convert.ToHexStringLower(SHA256.HashData([]).AsSpan(0, 16)),
            ContentType = "application/octet-stream",
        };
        var modSeq = context.NextModSeq();
        context.Resources.Insert(parent.Id, path.Name, empty, context.UnixTime, modSeq);
        context.Tree.Changed(parent, modSeq);
        return null;
    }

    private static CollectionReply.Refused Refuse(CollectionRefusal reason) => new(reason);
}

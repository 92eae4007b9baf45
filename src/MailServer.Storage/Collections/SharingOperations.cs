using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>Changes of shares, in the open transaction, and the access checks for sharees.</summary>
internal sealed class SharingOperations(CollectionContext context)
{
    private static readonly CollectionReply.Refused NotFound = new(CollectionRefusal.NotFound);
    private static readonly CollectionReply.Refused Denied = new(CollectionRefusal.Denied);

    /// <summary>
    /// Returns the reply to a request that must not be processed here, because the sharee
    /// lacks permission or the collection belongs to another account. Null to process it.
    /// </summary>
    public CollectionReply? Intercept(CollectionRequest request)
    {
        if (request is CollectionRequest.ReadAttachment or CollectionRequest.ListAttachmentUses) return null;
        if (request.Sharee is not null) return Check(request);
        if (context.Tree.Mounts == 0 || MountPathTranslator.PathOf(request) is not { } path) return null;
        var to = request is CollectionRequest.Transfer transfer ? MountAt(transfer.To) : null;
        if ((MountAt(path) ?? to) is not { } mount) return null;
        // The sharee decides about the name and existence of the mounted collection in the own home.
        return mount.Path.Equals(path) && request is CollectionRequest.Delete or CollectionRequest.SetProperties or CollectionRequest.MakeCollection or CollectionRequest.Transfer { Move: true }
            ? null
            : new CollectionReply.Mounted(mount.Info);
    }

    public CollectionReply SetGrants(CollectionRequest.SetGrants request)
    {
        if (context.Tree.Find(request.Path) is not { } node) return NotFound;
        if (node.Kind is not (CollectionKind.Calendar or CollectionKind.AddressBook)) return new CollectionReply.Refused(CollectionRefusal.WrongPlace);
        var left = node.Grants.Where(known => !request.Revoked.Contains(known.Account) && !request.Granted.Any(grant => grant.Account == known.Account));
        List<CollectionGrant> grants = [.. left, .. request.Granted];
        if (grants.Count > context.Limits.DavShares) return new CollectionReply.Refused(CollectionRefusal.TooMany);
        foreach (var gone in request.Revoked)
        {
            context.Shares.RemoveGrant(node.Id, gone);
            context.Subscriptions.RemoveOf(node.Id, gone);
        }

        foreach (var grant in request.Granted)
        {
            context.Shares.Set(node.Id, grant);
            if (grant.Declined) context.Subscriptions.RemoveOf(node.Id, grant.Account);
        }

        node.Grants = grants;
        context.Tree.Changed(node, context.NextModSeq());
        return new CollectionReply.ItemFound(node.Info, null, null);
    }

    public CollectionReply AddMount(CollectionRequest.AddMount request)
    {
        var shared = request.Shared;
        var home = context.Tree.Find(CollectionPath.HomeOf(shared.Target.Space))!;
        var node = Find(shared.Owner.Value, shared.TargetId);
        if (node is null)
        {
            if (context.Tree.Count >= context.Limits.DavCollections) return new CollectionReply.Refused(CollectionRefusal.TooMany);
            var name = request.Name;
            for (var i = 2; home.Children.ContainsKey(name); i++) name = $"{request.Name}-{i}";
            node = context.Tree.Add(home, home.Path.Child(name), CollectionKind.Mount, CalendarComponents.None, context.UnixTime, context.NextModSeq());
        }

        // A guest who has answered is not invited again when the owner changes the access or the name.
        node.Mount = shared with { IsInvitationPending = shared.IsInvitationPending && node.Mount is null or { IsInvitationPending: true } };
        context.Shares.Set(node.Id, node.Mount);
        context.Tree.CountMounts();
        context.Tree.Changed(node, context.NextModSeq());
        context.Tree.Changed(home, context.ModSeq);
        return new CollectionReply.ItemFound(node.Info, null, home.Info);
    }

    public CollectionReply RemoveMount(CollectionRequest.RemoveMount request, CollectionWriter writes)
    {
        if (Find(request.Owner.Value, request.TargetId) is { } node) writes.Remove(node);
        return CollectionReply.Done.Instance;
    }

    public CollectionReply Dismiss(CollectionRequest.DismissInvitation request)
    {
        foreach (var node in Mounts().Where(node => node.Mount!.Invitation == request.Invitation))
        {
            node.Mount = node.Mount! with { IsInvitationPending = false };
            context.Shares.Set(node.Id, node.Mount);
            context.Tree.Changed(node, context.NextModSeq());
        }

        context.Notices.Remove(request.Invitation);
        return CollectionReply.Done.Instance;
    }

    public CollectionReply AddNotice(CollectionRequest.AddNotice request)
    {
        context.Notices.Add(request.Notice);
        return CollectionReply.Done.Instance;
    }

    public CollectionReply ListMounts() =>
        new CollectionReply.Page(context.Tree.Find(CollectionPath.HomeOf(CollectionSpace.Calendars))!.Info, [.. Mounts().Select(node => node.Info)], [], null);

    public CollectionReply AddLink(CollectionRequest.AddLink request)
    {
        if (context.Tree.Find(request.Path) is not { Kind: CollectionKind.Calendar } node) return NotFound;
        if (context.Shares.Links(node.Id).Count >= context.Limits.DavLinks) return new CollectionReply.Refused(CollectionRefusal.TooMany);
        context.Shares.AddLink(node.Id, request.Secret, context.UnixTime);
        node.Secrets = [.. node.Secrets, request.Secret];
        context.Tree.Changed(node, context.NextModSeq());
        return new CollectionReply.Links([new CollectionLink(node.Path, request.Secret, context.Now)]);
    }

    public CollectionReply RemoveLinks(CollectionRequest.RemoveLinks request)
    {
        if (context.Tree.Find(request.Path) is not { } node) return NotFound;
        context.Shares.RemoveLinks(node.Id);
        node.Secrets = [];
        context.Tree.Changed(node, context.NextModSeq());
        return CollectionReply.Done.Instance;
    }

    public CollectionReply ListLinks() => new CollectionReply.Links(
        [.. Home(CollectionSpace.Calendars).SelectMany(node => context.Shares.Links(node.Id).Select(link => new CollectionLink(node.Path, link.Secret, link.Created)))]);

    public CollectionReply Subscribe(CollectionRequest.Subscribe request)
    {
        if (context.Tree.Find(request.Path) is not { } node) return NotFound;
        return context.Subscriptions.Add(node, request.Subscription, context.Now, context.Limits.DavSubscriptions) is { } kept
            ? new CollectionReply.Subscribed(kept)
            : new CollectionReply.Refused(CollectionRefusal.TooMany);
    }

    public CollectionReply Unsubscribe(CollectionRequest.Unsubscribe request) =>
        context.Subscriptions.Remove(request.Id, request.By) ? CollectionReply.Done.Instance : NotFound;

    /// <summary>
    /// Checks the access of a sharee: to members of shared collections only, and writing
    /// only with read-write access. The collection itself can be changed only by its owner.
    /// </summary>
    private CollectionReply.Refused? Check(CollectionRequest request)
    {
        if (MountPathTranslator.PathOf(request) is not { IsHome: false } path) return NotFound;
        var root = context.Tree.Find(new CollectionPath(path.Space, [path.Names[0]]));
        var access = root?.Info.AccessOf(request.Sharee!.Value) ?? CollectionAccess.None;
        if (access == CollectionAccess.None) return NotFound;
        if (request is not CollectionRequest.Change || (request is CollectionRequest.Subscribe && path.Names.Length == 1)) return null;
        if (request is CollectionRequest.Transfer transfer) return MayTransfer(transfer, access) ? null : Denied;
        var isMember = path.Names.Length > 1 && request switch
        {
            CollectionRequest.Put or CollectionRequest.Upload or CollectionRequest.Delete or CollectionRequest.SetProperties => true,
            CollectionRequest.Lock or CollectionRequest.RefreshLock or CollectionRequest.Unlock => true,
            _ => false,
        };
        return isMember && access == CollectionAccess.ReadWrite ? null : Denied;
    }

    /// <summary>Members can be copied from a collection that the sharee may read, and moved from one that it may write, to one that it may write.</summary>
    private bool MayTransfer(CollectionRequest.Transfer transfer, CollectionAccess access)
    {
        if (transfer.From.Names.Length < 2 || transfer.To.Names.Length < 2 || (transfer.Move && access != CollectionAccess.ReadWrite)) return false;
        var target = context.Tree.Find(new CollectionPath(transfer.To.Space, [transfer.To.Names[0]]));
        return target?.Info.AccessOf(transfer.Sharee!.Value) == CollectionAccess.ReadWrite;
    }

    private CollectionNode? MountAt(CollectionPath path) =>
        !path.IsHome && context.Tree.Find(new CollectionPath(path.Space, [path.Names[0]])) is { Kind: CollectionKind.Mount } node ? node : null;

    private CollectionNode? Find(long owner, long target) => Mounts().FirstOrDefault(node => node.Mount!.Owner.Value == owner && node.Mount.TargetId == target);

    private IEnumerable<CollectionNode> Mounts() =>
        Home(CollectionSpace.Calendars).Concat(Home(CollectionSpace.AddressBooks)).Where(node => node.Mount is not null);

    private SortedDictionary<string, CollectionNode>.ValueCollection Home(CollectionSpace space) => context.Tree.Find(CollectionPath.HomeOf(space))!.Children.Values;
}

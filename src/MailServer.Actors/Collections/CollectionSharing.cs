using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// Shares collections between accounts. The owner's grants are authoritative: a shared collection in a guest's home shows only what its owner grants at
/// that moment, so an interruption between the two steps never gives a guest too much access.
/// </summary>
public sealed class CollectionSharing(ICollections collections, TimeProvider time)
{
    /// <summary>Grants and revokes access; answers <see cref="CollectionReply.ItemFound"/> with the updated collection.</summary>
    public async Task<CollectionReply> ShareAsync(
        Account owner, CollectionPath path, IReadOnlyList<CollectionGrant> granted, IReadOnlyList<AccountId> revoked, CancellationToken cancel)
    {
        var reply = await collections.AskAsync(owner.Id, new CollectionRequest.SetGrants(path, granted, revoked), cancel);
        if (reply is not CollectionReply.ItemFound { Collection: { } shared }) return reply;
        foreach (var guest in revoked) await RevokeAsync(guest, owner.Id, shared.Id, cancel);
        foreach (var grant in granted)
        {
            var name = $"{shared.Path.Name}-{owner.Address.Local}";
            var mounted = await collections.AskAsync(grant.Account, new CollectionRequest.AddMount(name, Describe(owner, shared, grant)), cancel);
            if (mounted is CollectionReply.Refused) return mounted;
        }

        return reply;
    }

    /// <summary>Removes a deleted collection from the homes of its guests.</summary>
    public async Task EndAsync(AccountId owner, CollectionInfo deleted, CancellationToken cancel)
    {
        foreach (var grant in deleted.Grants.Where(static g => !g.Declined)) await RevokeAsync(grant.Account, owner, deleted.Id, cancel);
    }

    /// <summary>Tells the homes of the guests that the owner moved a collection. One that does not hear of it finds out at its next request (<see cref="FollowAsync"/>).</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="moved">The collection before it was moved.</param>
    /// <param name="to">Its new path.</param>
    /// <param name="cancel">Cancels the work.</param>
    public async Task MovedAsync(AccountId owner, CollectionInfo moved, CollectionPath to, CancellationToken cancel)
    {
        foreach (var guest in moved.Grants.Where(static g => !g.Declined).Select(static g => g.Account))
        {
            if (await collections.AskAsync(guest, new CollectionRequest.ListMounts(), cancel) is not CollectionReply.Page mounts) continue;
            foreach (var mount in mounts.Collections.Select(static c => c.Mount!).Where(mount => mount.Owner == owner && mount.TargetId == moved.Id))
                await RetargetAsync(guest, mount, to, cancel);
        }
    }

    /// <summary>The shared collection at its present place: its owner may have moved it. Null if it is gone, or no longer shared with the guest.</summary>
    public async Task<CollectionMount?> FollowAsync(AccountId guest, CollectionMount shared, CancellationToken cancel)
    {
        var there = await collections.AskAsync(shared.Owner, new CollectionRequest.Find(shared.Target, WithBody: false) { Sharee = guest }, cancel);
        if (there is CollectionReply.ItemFound { Collection: { } found } && found.Id == shared.TargetId) return shared;
        var home = await collections.AskAsync(shared.Owner, new CollectionRequest.List(CollectionPath.HomeOf(shared.Target.Space), 0, WithProperties: false), cancel);
        var moved = (home as CollectionReply.Page)?.Collections.FirstOrDefault(collection => collection.Id == shared.TargetId);
        return moved is null || moved.AccessOf(guest) == CollectionAccess.None ? null : await RetargetAsync(guest, shared, moved.Path, cancel);
    }

    /// <summary>Marks the invitation as answered and tells the owner. A shared collection is in the guest's home from the start.</summary>
    public async Task<CollectionReply> AcceptAsync(Account guest, CollectionMount shared, CancellationToken cancel)
    {
        var reply = await collections.AskAsync(guest.Id, new CollectionRequest.DismissInvitation(shared.Invitation), cancel);
        if (shared.IsInvitationPending && reply is CollectionReply.Done) await NotifyAsync(shared.Owner, SharingEvent.Accepted, shared, guest.Address, cancel);
        return reply;
    }

    /// <summary>Removes a shared collection from the guest's home, and tells the owner.</summary>
    public async Task<CollectionReply> DeclineAsync(Account guest, CollectionMount shared, CancellationToken cancel)
    {
        shared = await FollowAsync(guest.Id, shared, cancel) ?? shared;
        var found = await collections.AskAsync(shared.Owner, new CollectionRequest.Find(shared.Target, WithBody: false), cancel);
        if (found is CollectionReply.ItemFound { Collection: { } collection } && collection.Id == shared.TargetId && collection.Grants.FirstOrDefault(grant => grant.Account == guest.Id) is { } grant)
        {
            await collections.AskAsync(shared.Owner, new CollectionRequest.SetGrants(shared.Target, [grant with { Declined = true }], []), cancel);
            await NotifyAsync(shared.Owner, SharingEvent.Declined, shared, guest.Address, cancel);
        }

        return await collections.AskAsync(guest.Id, new CollectionRequest.RemoveMount(shared.Owner, shared.TargetId), cancel);
    }

    /// <summary>
    /// Creates a link that lets anyone read a calendar; answers <see cref="CollectionReply.Links"/>. The secret begins with the account id, which is not
    /// secret, so that the account can be found.
    /// </summary>
    public Task<CollectionReply> LinkAsync(AccountId owner, CollectionPath path, CancellationToken cancel) =>
        collections.AskAsync(owner, new CollectionRequest.AddLink(path, $"{owner}-{RandomNumberGenerator.GetHexString(40, lowercase: true)}"), cancel);

    /// <summary>The account id in a link's secret; the link may not exist.</summary>
    public static AccountId? OwnerOf(string secret)
    {
        var dash = secret.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && long.TryParse(secret.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new AccountId(number) : null;
    }

    /// <summary>The calendar that a link leads to; null if there is none.</summary>
    public async Task<CollectionInfo?> OpenAsync(AccountId owner, string secret, CancellationToken cancel)
    {
        if (await collections.AskAsync(owner, new CollectionRequest.ListLinks(), cancel) is not CollectionReply.Links links) return null;
        var presented = Encoding.UTF8.GetBytes(secret);
        if (links.Active.FirstOrDefault(link => CryptographicOperations.FixedTimeEquals(presented, Encoding.UTF8.GetBytes(link.Secret))) is not { } known) return null;
        return await collections.AskAsync(owner, new CollectionRequest.Find(known.Path, WithBody: false), cancel) is CollectionReply.ItemFound found ? found.Collection : null;
    }

    private async Task<CollectionMount> RetargetAsync(AccountId guest, CollectionMount mount, CollectionPath to, CancellationToken cancel)
    {
        var moved = mount with { Target = to };
        await collections.AskAsync(guest, new CollectionRequest.AddMount(to.Name, moved), cancel);
        return moved;
    }

    private async Task RevokeAsync(AccountId guest, AccountId owner, long target, CancellationToken cancel)
    {
        var mounts = await collections.AskAsync(guest, new CollectionRequest.ListMounts(), cancel) is CollectionReply.Page page ? page.Collections : [];
        await collections.AskAsync(guest, new CollectionRequest.RemoveMount(owner, target), cancel);
        if (mounts.FirstOrDefault(m => m.Mount is { } mount && mount.Owner == owner && mount.TargetId == target)?.Mount is { } ended)
            await NotifyAsync(guest, SharingEvent.Revoked, ended, ended.OwnerAddress, cancel);
    }

    /// <summary>Leaves a notice. Without it the share works as well, so a failure is not reported.</summary>
    private Task<CollectionReply> NotifyAsync(AccountId recipient, SharingEvent what, CollectionMount shared, EmailAddress other, CancellationToken cancel)
    {
        var notice = new SharingNotice(
            RandomNumberGenerator.GetHexString(24, lowercase: true), what, time.GetUtcNow(), other, shared.Target, shared.Access, shared.Invitation, shared.Summary);
        return collections.AskAsync(recipient, new CollectionRequest.AddNotice(notice), cancel);
    }

    private CollectionMount Describe(Account owner, CollectionInfo shared, CollectionGrant grant) => new(
        owner.Id, owner.Address, shared.Path, shared.Id, grant.Access, RandomNumberGenerator.GetHexString(24, lowercase: true), time.GetUtcNow(), grant.Summary, IsInvitationPending: true);
}

using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Sharing;

/// <summary>
/// Determines which guests have not answered their invitation yet (calendarserver.org, caldav-sharing §5.2.2). Their own homes know it, so it is only looked up
/// when the owner asks for it, and once for each guest in a request.
/// </summary>
internal sealed class InvitationStates(DavRequest request, PropertySelection selection)
{
    private readonly Dictionary<long, IReadOnlyList<CollectionInfo>> _mounts = [];

    /// <summary>A collection of the authenticated account with the guests that have not answered; any other resource unchanged.</summary>
    public async Task<DavResource> ResolveAsync(DavResource resource)
    {
        if (resource is not { Access: CollectionAccess.Owner, Collection: { Mount: null, Grants.Count: > 0 } shared } || !selection.Includes(CalendarServer + "invite")) return resource;
        var pending = new List<CollectionGrant>();
        foreach (var grant in shared.Grants.Where(grant => !grant.Declined))
        {
            if (!_mounts.TryGetValue(grant.Account.Value, out var mounts)) _mounts[grant.Account.Value] = mounts = await ListAsync(grant);
            if (mounts.Any(m => m.Mount is { IsInvitationPending: true } mount && mount.Owner == request.OwnerId && mount.TargetId == shared.Id)) pending.Add(grant);
        }

        return resource with { Unanswered = pending };
    }

    private async Task<IReadOnlyList<CollectionInfo>> ListAsync(CollectionGrant grant) =>
        await request.Services.Collections.AskAsync(grant.Account, new CollectionRequest.ListMounts(), request.Cancel) is CollectionReply.Page page ? page.Collections : [];
}

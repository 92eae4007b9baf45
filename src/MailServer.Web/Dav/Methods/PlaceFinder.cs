using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Web.Dav.Sharing;

namespace MailServer.Web.Dav.Methods;

/// <summary>Finds out to which store the source and the destination of COPY and MOVE belong.</summary>
internal static class PlaceFinder
{
    /// <summary>Finds a place; null if the account has no access there, or if it cannot exist.</summary>
    public static async Task<DavPlace?> FindAsync(DavRequest request, EmailAddress owner, CollectionPath path)
    {
        var account = request.Account;
        if (!owner.Equals(account.Address))
        {
            if (path.IsHome || path.Space == CollectionSpace.Files || await PrincipalResolver.FindAsync(request.Services, owner, request.Cancel) is not { } found || !found.Address.Equals(owner)) return null;
            return new DavPlace(found.Id, owner, path, account.Id) { ReadConditions = () => request.Preconditions(owner) };
        }

        var own = new DavPlace(account.Id, owner, path, null) { ReadConditions = () => request.Preconditions(owner) };
        if (path.IsHome || path.Space == CollectionSpace.Files) return own;
        var top = new CollectionPath(path.Space, [path.Names[0]]);
        if (await request.Services.Collections.AskAsync(account.Id, new CollectionRequest.Find(top, WithBody: false), request.Cancel) is not CollectionReply.Mounted { Here: { Mount: { } known } here }) return own;
        var mount = await request.Services.Sharing.FollowAsync(account.Id, known, request.Cancel) ?? known;
        var translator = new MountPathTranslator(here.Path, mount.Target);
        return new DavPlace(mount.Owner, mount.OwnerAddress, translator.ToTarget(path), account.Id)
        {
            ReadConditions = () => translator.ToTarget(request.Preconditions(owner)),
            IsMount = path.Equals(top),
        };
    }
}

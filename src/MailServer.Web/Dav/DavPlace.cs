using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Web.Dav.Sharing;

namespace MailServer.Web.Dav;

/// <summary>Where the source or the destination of COPY and MOVE really is: in the account's own store, or in that of the account that shares it.</summary>
/// <param name="Store">The account that owns the place.</param>
/// <param name="Owner">Its address.</param>
/// <param name="Path">The path in its store.</param>
/// <param name="Sharee">The authenticated account if it is not the owner; otherwise null.</param>
internal sealed record DavPlace(AccountId Store, EmailAddress Owner, CollectionPath Path, AccountId? Sharee)
{
    private Func<Preconditions> ReadConditions { get; init; } = static () => Domain.Collections.Preconditions.None;

    /// <summary>True if the path is a shared collection itself, which has a name of its own in the guest's home.</summary>
    public bool IsMount { get; private init; }

    /// <summary>The preconditions of the request, with the resources that they name as paths of the store.</summary>
    public Preconditions Conditions => ReadConditions();

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
        if (await request.Services.Collections.AskAsync(account.Id, new CollectionRequest.Find(top, WithBody: false), request.Cancel) is not CollectionReply.Mounted { Here: { Mount: { } mount } here }) return own;
        var translator = new MountPathTranslator(here.Path, mount.Target);
        return new DavPlace(mount.Owner, mount.OwnerAddress, translator.ToTarget(path), account.Id)
        {
            ReadConditions = () => translator.ToTarget(request.Preconditions(owner)),
            IsMount = path.Equals(top),
        };
    }
}

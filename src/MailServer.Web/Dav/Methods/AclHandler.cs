using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Sharing;
using MailServer.Web.Dav.Sharing;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>ACL (RFC 3744 §8): sets the accounts with read or read-write access to a calendar or address book.</summary>
internal static class AclHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        var root = await request.ReadXmlAsync() ?? throw DavException.BadRequest("ACL needs a body");
        var owner = SharingHandler.OwnerOnly(request);
        var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(request.Path, WithBody: false));
        if (found.Collection is not { Kind: CollectionKind.Calendar or CollectionKind.AddressBook, Mount: null } collection) throw DavException.Forbidden(WebDav + "no-ace-conflict");
        var granted = new Dictionary<AccountId, CollectionGrant>();
        foreach (var (href, access) in AclRequest.Parse(root))
        {
            if (await PrincipalResolver.FindAsync(request.Services, href, request.Cancel) is not { } guest) throw DavException.Forbidden(WebDav + "recognized-principal");
            // The owner always has full access.
            if (guest.Id == owner.Id) continue;
            var before = granted.GetValueOrDefault(guest.Id)?.Access ?? CollectionAccess.None;
            granted[guest.Id] = new CollectionGrant(guest.Id, guest.Address, access > before ? access : before, Declined: false, Summary: "");
        }

        await SharingHandler.ApplyAsync(request, owner, [.. granted.Values], [.. collection.Grants.Select(grant => grant.Account).Where(account => !granted.ContainsKey(account))]);
    }
}

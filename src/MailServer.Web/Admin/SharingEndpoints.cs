using MailServer.Actors.Mailboxes;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// Rights to mail folders: <c>GET sharing?account=</c> (who has which rights), <c>PUT sharing?account=&amp;folder=&amp;guest=&amp;rights=</c> (sets the rights of an account, or of <c>anyone</c>; none removes them). The
/// account may be a shared mailbox.
/// </summary>
internal static class SharingEndpoints
{
    public static void MapSharing(this IEndpointRouteBuilder admin, RuntimeServices live)
    {
        admin.MapGet("sharing", context => ListAsync(context, live));
        admin.MapPut("sharing", context => SetAsync(context, live));
    }

    private static async Task ListAsync(HttpContext context, RuntimeServices live)
    {
        if (await FindAsync(context, live) is not { } account) return;
        if (await live.Mailboxes.AskAsync(account.Id, new MailboxRequest.ListFolders(), context.RequestAborted) is not MailboxReply.Folders folders)
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "the mailbox cannot be opened");
            return;
        }

        var grants = new List<FolderGrantDocument>();
        foreach (var folder in folders.All)
        {
            if (await live.Mailboxes.AskAsync(account.Id, new MailboxRequest.GetGrants(folder.Name), context.RequestAborted) is not MailboxReply.Grants found) continue;
            grants.AddRange(found.All.Select(g => new FolderGrantDocument(folder.Name.Value, g.Guest?.Address.ToString() ?? AccessRules.Anyone, FolderRightsText.Format(g.Rights, withObsolete: false))));
        }

        await RuntimeEndpoints.WriteAsync(context, new FolderGrantListDocument(account.Address.ToString(), grants));
    }

    private static async Task SetAsync(HttpContext context, RuntimeServices live)
    {
        if (await FindAsync(context, live) is not { } account) return;
        var (guest, folder) = (Query(context, "guest"), Query(context, "folder"));
        if (!FolderRightsText.TryParse(Query(context, "rights"), out var rights) || !FolderName.TryParse(folder, out var name))
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, "rights are letters of lrswipkxtea, and a folder is needed");
            return;
        }

        MailboxGuest? known = null;
        if (guest != AccessRules.Anyone)
        {
            if (EmailAddress.TryParse(guest, out var address)) known = await GuestOfAsync(live, account, name, address, rights, context.RequestAborted);
            if (known is null)
            {
                await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, $"no user '{guest}'; see 'mailserver user list'");
                return;
            }
        }

        var reply = await live.Mailboxes.AskAsync(account.Id, new MailboxRequest.SetGrant(name, known, FlagOperation.Replace, rights), context.RequestAborted);
        if (reply is MailboxReply.Done) await RuntimeEndpoints.Answer(context, found: true);
        else await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, ReasonOf(reply, name));
    }

    /// <summary>The account; for a removal also one that exists no more.</summary>
    private static async Task<MailboxGuest?> GuestOfAsync(RuntimeServices live, Account owner, FolderName folder, EmailAddress address, FolderRights rights, CancellationToken cancel)
    {
        var guest = await GuestLookup.FindAsync(live.Directory, address, Limits.Default);
        if (guest is not null || rights != FolderRights.None) return guest;
        return await live.Mailboxes.AskAsync(owner.Id, new MailboxRequest.GetGrants(folder), cancel) is MailboxReply.Grants grants ? grants.All.FirstOrDefault(g => g.Guest?.Address.Equals(address) == true)?.Guest : null;
    }

    private static async Task<Account?> FindAsync(HttpContext context, RuntimeServices live)
    {
        var account = await AccountLookup.FindAsync(live.Directory, Query(context, "account"), context.RequestAborted);
        if (account is null) await RuntimeEndpoints.Answer(context, found: false);
        return account;
    }

    private static string ReasonOf(MailboxReply reply, FolderName folder) => (reply as MailboxReply.Refused)?.Reason switch
    {
        MailboxRefusal.NoSuchFolder => $"no folder '{folder}'",
        MailboxRefusal.LimitReached => "too many accounts have rights to the folder",
        MailboxRefusal.NotPossible => "the owner always has all rights",
        _ => "the mailbox is not available now",
    };

    private static string Query(HttpContext context, string name) => context.Request.Query[name].ToString();
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>Mailbox endpoints: <c>GET mailboxes</c> (the open mailboxes), <c>GET mailboxes/{address}</c> (the folders of one mailbox, which is opened if necessary).</summary>
internal static class MailboxEndpoints
{
    public static void MapMailboxes(this IEndpointRouteBuilder admin, RuntimeServices live)
    {
        admin.MapGet("mailboxes", context => ListAsync(context, live));
        admin.MapGet("mailboxes/{address}", context => ShowAsync(context, live));
    }

    private static async Task ListAsync(HttpContext context, RuntimeServices live)
    {
        var documents = new List<MailboxDocument>();
        foreach (var mailbox in await live.Mailboxes.ListAsync(context.RequestAborted))
        {
            var account = await live.Directory.FindAccountAsync(mailbox.Account, context.RequestAborted);
            documents.Add(new MailboxDocument(mailbox.Account.Value, account?.Address.ToString() ?? "", mailbox.OpenedAt, mailbox.Watchers, mailbox.Inbox, mailbox.Searches, mailbox.Node ?? ""));
        }

        await RuntimeEndpoints.WriteAsync(context, new MailboxListDocument(documents));
    }

    private static async Task ShowAsync(HttpContext context, RuntimeServices live)
    {
        if (await AccountLookup.FindAsync(live.Directory, RuntimeEndpoints.Route(context, "address"), context.RequestAborted) is not { } account)
        {
            await RuntimeEndpoints.Answer(context, found: false);
        }
        else if (await live.Mailboxes.FoldersAsync(account.Id, context.RequestAborted) is { } folders)
        {
            await RuntimeEndpoints.WriteAsync(context, new FolderListDocument(account.Address.ToString(), [.. folders.Select(static f => new FolderDocument(
                f.Name.ToString(), f.Status.Messages, f.Status.Unseen, f.Status.Size, f.Status.UidValidity.Value, f.Status.UidNext, (long)f.Status.HighestModSeq.Value))]));
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }
}

using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Web.Dav.Push;
using MailServer.Web.Dav.Sharing;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Methods;

/// <summary>DELETE (RFC 4918 §9.6): removes a resource, or a collection with all members.</summary>
internal static class DeleteHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        if (request.Http.Request.Path.Value?.Contains('#', StringComparison.Ordinal) == true) throw DavException.BadRequest("the URL must not contain a fragment");
        if (request.Target is DavTarget.Notifications { Name: { } name })
        {
            await NotificationCollection.DismissAsync(request, name);
            return;
        }

        if (request.Target is DavTarget.Subscription subscription)
        {
            await PushSubscriptionHandler.EndAsync(request, subscription);
            return;
        }

        var collection = await FindCollectionAsync(request);
        if (collection is { Mount: { } shared })
        {
            // Only removes it from the guest's home.
            await request.Services.Sharing.DeclineAsync(request.Account, shared, request.Cancel);
            request.Http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await request.AskAsync<CollectionReply.Done>(new CollectionRequest.Delete(request.Path)
        {
            Conditions = request.Preconditions(),
            // RFC 6638 §8.1
            Silent = request.Header("Schedule-Reply")?.Trim().Equals("F", StringComparison.OrdinalIgnoreCase) == true,
        });
        if (collection is not null && request.Owner.Equals(request.Account.Address)) await request.Services.Sharing.EndAsync(request.Account.Id, collection, request.Cancel);
        request.Http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>The calendar or address book in the home that the request names; null if it names something else.</summary>
    private static async Task<CollectionInfo?> FindCollectionAsync(DavRequest request)
    {
        if (request.Path.Names.Length != 1) return null;
        return (await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(request.Path, WithBody: false))).Collection;
    }
}

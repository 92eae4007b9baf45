using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Push;
using MailServer.Protocol.Dav.Xml;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Push;

/// <summary>Creates and removes push subscriptions to a collection (WebDAV-Push, "Subscription Management").</summary>
internal static class PushSubscriptionHandler
{
    public static async Task RegisterAsync(DavRequest request, XElement root)
    {
        if (request.Services.Vapid is null) throw DavException.Forbidden(DavNames.Push + "push-not-available");
        var wanted = PushRegistrationRequest.Parse(root);
        var longest = request.Now + request.Limits.DavSubscriptionLifetime;
        var expires = wanted.Expires is { } requested && requested < longest && requested > request.Now ? requested : longest;
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var subscription = new PushSubscription(id, request.Account.Id, wanted.Resource.AbsoluteUri, wanted.PublicKey, wanted.AuthSecret, wanted.OnContentUpdate, wanted.OnPropertyUpdate, expires);
        var kept = await request.AskAsync<CollectionReply.Subscribed>(new CollectionRequest.Subscribe(request.Path, subscription));
        var response = request.Http.Response;
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.Location = DavUrl.SubscriptionOf(request.CollectionOwner, kept.Subscription.Id);
        response.Headers.Expires = kept.Subscription.Expires.ToString("R", CultureInfo.InvariantCulture);
    }

    public static async Task EndAsync(DavRequest request, DavTarget.Subscription target)
    {
        var reply = await request.Services.Collections.AskAsync(request.OwnerId, new CollectionRequest.Unsubscribe(target.Id, request.Account.Id), request.Cancel);
        if (reply is not CollectionReply.Done) throw DavException.NotFound();
        request.Http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}

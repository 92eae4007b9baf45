using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Push;
using MailServer.Protocol.Dav.Sharing;
using MailServer.Web.Dav.Push;
using MailServer.Web.Dav.Scheduling;
using MailServer.Web.Dav.Sharing;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>POST: the root element of an XML body selects the operation; a calendar object or contact is added to the collection under a generated name (RFC 5995).</summary>
internal static class PostHandler
{
    public static Task HandleAsync(DavRequest request)
    {
        if (OutboxHandler.IsFor(request)) return OutboxHandler.AnswerAsync(request);
        var type = request.Http.Request.ContentType ?? "";
        if (request.Http.Request.Query["action"].ToString() is { Length: > 0 } action) return AttachmentHandler.HandleAsync(request, action);
        if (type.Contains("xml", StringComparison.OrdinalIgnoreCase)) return HandleXmlAsync(request);
        // Unlike PUT, a form of another site can send POST with a type such as text/plain. So only the right type is taken.
        return request.Path.Space switch
        {
            CollectionSpace.Calendars when type.StartsWith("text/calendar", StringComparison.OrdinalIgnoreCase) => AddAsync(request, ".ics"),
            CollectionSpace.Calendars => throw DavException.Forbidden(CalDav + "supported-calendar-data"),
            CollectionSpace.AddressBooks when type.StartsWith("text/vcard", StringComparison.OrdinalIgnoreCase) => AddAsync(request, ".vcf"),
            CollectionSpace.AddressBooks => throw DavException.Forbidden(CardDav + "supported-address-data"),
            _ => throw new DavException(415, "the content type is not supported here"),
        };
    }

    private static async Task HandleXmlAsync(DavRequest request)
    {
        var root = await request.ReadXmlAsync() ?? throw DavException.BadRequest("POST needs a body");
        await (root.Name switch
        {
            var name when name == PushRegistrationRequest.Root => PushSubscriptionHandler.RegisterAsync(request, root),
            var name when name == ShareRequest.Root => SharingHandler.ShareAsync(request, root),
            var name when name == InviteReply.Root => SharingHandler.ReplyAsync(request, root),
            var name when name == SharingHandler.Publish => SharingHandler.PublishAsync(request, publish: true),
            var name when name == SharingHandler.Unpublish => SharingHandler.PublishAsync(request, publish: false),
            _ => throw new DavException(415, "the root element is not supported"),
        });
    }

    private static async Task AddAsync(DavRequest request, string extension)
    {
        if (request.Path.IsHome) throw DavException.MethodNotAllowed("resources can only be added to a collection");
        var body = await PutHandler.ReadBodyAsync(request);
        var path = request.Path.Child(Guid.NewGuid().ToString("N") + extension);
        var upload = new CollectionRequest.Upload(path, body, request.Http.Request.ContentType) { Conditions = request.Preconditions() };
        var stored = PutHandler.Compare(await request.AskAsync<CollectionReply.Stored>(upload), body);
        var response = request.Http.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.Location = DavUrl.HrefOf(request.Owner, path, isCollection: false);
        if (!stored.Rewritten) response.Headers.ETag = ETags.Quote(stored.ETag);
        await PutHandler.WriteRepresentationAsync(request, path, stored);
    }
}

using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>PUT (RFC 9110 §9.3.4, RFC 4791 §5.3.2, RFC 6352 §6.3.2). What is answered 201 or 204 is on the disk.</summary>
internal static class Put
{
    public static async Task HandleAsync(DavRequest request)
    {
        var path = request.Path;
        if (request.HasSlash) throw DavException.MethodNotAllowed("a resource has no slash at its end");
        if (request.Header("Content-Range") is not null) throw DavException.BadRequest("no partial PUT");
        var body = await request.ReadBodyAsync(MaxSize(request));
        var resource = ResourceReader.Read(path.Space, body, request.Http.Request.ContentType);
        var stored = await request.AskAsync<CollectionReply.Stored>(new CollectionRequest.Put(path, resource) { Conditions = request.Preconditions() });
        // RFC 4791 §5.3.4: a client that gets no entity tag looks at what was made of its words.
        if (!stored.Rewritten) request.Http.Response.Headers.ETag = ETags.Quote(stored.ETag);
        if (stored.ScheduleTag is { } tag) request.Http.Response.Headers["Schedule-Tag"] = ETags.Quote(tag);
        request.Http.Response.StatusCode = stored.Created ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
    }

    private static int MaxSize(DavRequest request)
    {
        var (max, condition) = request.Path.Space switch
        {
            CollectionSpace.Calendars => (request.Limits.DavResource, CalDav + "max-resource-size"),
            CollectionSpace.AddressBooks => (request.Limits.DavResource, CardDav + "max-resource-size"),
            _ => (request.Limits.DavFile, null),
        };
        if (request.Http.Request.ContentLength > max && condition is not null) throw DavException.Forbidden(condition);
        return max;
    }
}

using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Requests;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>PUT (RFC 9110 §9.3.4, RFC 4791 §5.3.2, RFC 6352 §6.3.2). The resource is durable on disk before 201 or 204 is sent.</summary>
internal static class PutHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        var path = request.Path;
        if (request.HasSlash) throw DavException.MethodNotAllowed("the URL of a resource must not end with a slash");
        if (request.Header("Content-Range") is not null) throw DavException.BadRequest("partial PUT is not supported");
        var body = await ReadBodyAsync(request);
        var stored = await SendAsync(request, new CollectionRequest.Upload(path, body, request.Http.Request.ContentType) { Conditions = request.Preconditions() });
        if (stored is null) return;
        // RFC 4791 §5.3.4: without an entity tag the client fetches the stored object, which differs from what it sent.
        stored = Compare(stored, body);
        if (!stored.Rewritten) request.Http.Response.Headers.ETag = ETags.Quote(stored.ETag);
        if (stored.ScheduleTag is { } tag) request.Http.Response.Headers["Schedule-Tag"] = ETags.Quote(tag);
        request.Http.Response.StatusCode = stored.Created ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
        await WriteRepresentationAsync(request, path, stored);
    }

    /// <summary>Returns the stored resource if the client requested it (RFC 8144 §3) and it has not been changed since.</summary>
    public static async Task WriteRepresentationAsync(DavRequest request, CollectionPath path, CollectionReply.Stored stored)
    {
        if (!request.PrefersRepresentation) return;
        var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(path, WithBody: true));
        if (found.Resource is not { } resource || (!stored.Rewritten && resource.ETag != stored.ETag)) return;
        var response = request.Http.Response;
        if (response.StatusCode == StatusCodes.Status204NoContent) response.StatusCode = StatusCodes.Status200OK;
        response.Headers["Preference-Applied"] = "return=representation";
        response.Headers.ContentLocation = DavUrl.HrefOf(request.Owner, path, isCollection: false);
        response.ContentType = resource.ContentType;
        response.ContentLength = resource.Body.Length;
        await response.Body.WriteAsync(resource.Body, request.Cancel);
    }

    /// <summary>Marks the result as rewritten if the stored octets are not those that were sent.</summary>
    public static CollectionReply.Stored Compare(CollectionReply.Stored stored, ReadOnlyMemory<byte> body) =>
        stored.Rewritten || stored.ETag == NewResourceReader.TagOf(body) ? stored : stored with { Rewritten = true };

    /// <summary>Reads the body of a new resource. A larger one is refused before it is read if its size is announced.</summary>
    public static Task<byte[]> ReadBodyAsync(DavRequest request)
    {
        var (max, condition) = request.Path.Space switch
        {
            CollectionSpace.Calendars => (request.Limits.DavResource, CalDav + "max-resource-size"),
            CollectionSpace.AddressBooks => (request.Limits.DavContact, CardDav + "max-resource-size"),
            _ => (request.Limits.DavFile, null),
        };
        return request.ReadBodyAsync(max, condition);
    }

    /// <summary>Stores the resource; null if a precondition failed and the current resource was sent as requested (RFC 8144 §3.2).</summary>
    private static async Task<CollectionReply.Stored?> SendAsync(DavRequest request, CollectionRequest.Upload upload)
    {
        try
        {
            return await request.AskAsync<CollectionReply.Stored>(upload);
        }
        catch (DavException failed) when (failed.Status == StatusCodes.Status412PreconditionFailed && request.PrefersRepresentation)
        {
            var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(upload.Path, WithBody: true));
            if (found.Resource is not { } current) throw;
            var response = request.Http.Response;
            response.StatusCode = StatusCodes.Status412PreconditionFailed;
            response.Headers.ETag = ETags.Quote(current.ETag);
            response.Headers["Preference-Applied"] = "return=representation";
            response.ContentType = current.ContentType;
            response.ContentLength = current.Size;
            await response.Body.WriteAsync(current.Body, request.Cancel);
            return null;
        }
    }
}

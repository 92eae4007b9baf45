using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Methods;

/// <summary>GET and HEAD (RFC 9110 §9.3.1): the resource, octet for octet as it was stored.</summary>
internal static class Get
{
    public static async Task HandleAsync(DavRequest request)
    {
        var found = await request.AskAsync<CollectionReply.Found>(new CollectionRequest.Find(request.Path, WithBody: request.Method == "GET"));
        if (found.Resource is not { } resource)
        {
            if (found.Collection is not { Kind: CollectionKind.Calendar } calendar) throw DavException.MethodNotAllowed("a collection has no content");
            await CalendarFile.AnswerAsync(request, calendar);
            return;
        }

        if (request.HasSlash) throw DavException.NotFound();

        var response = request.Http.Response;
        response.Headers.ETag = ETags.Quote(resource.ETag);
        if (resource.ScheduleTag is { } tag) response.Headers["Schedule-Tag"] = ETags.Quote(tag);
        response.Headers.LastModified = resource.Modified.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        var conditions = request.Preconditions();
        if (conditions.IfMatch?.Matches(resource.ETag) == false) throw new DavException(412, "it has changed");
        if (conditions.IfNoneMatch?.Matches(resource.ETag) == true)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = resource.ContentType;
        // What someone stored is shown, never run: files may be HTML.
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox";
        response.ContentLength = resource.Size;
        if (request.Method == "GET") await response.Body.WriteAsync(resource.Body, request.Cancel);
    }
}

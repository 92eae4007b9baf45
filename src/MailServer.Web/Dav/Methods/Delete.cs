using MailServer.Domain.Collections;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Methods;

/// <summary>DELETE (RFC 4918 §9.6): a resource, or a collection with everything in it.</summary>
internal static class Delete
{
    public static async Task HandleAsync(DavRequest request)
    {
        if (request.Http.Request.Path.Value?.Contains('#', StringComparison.Ordinal) == true) throw Protocol.Dav.DavException.BadRequest("a URL ends before its fragment");
        await request.AskAsync<CollectionReply.Done>(new CollectionRequest.Delete(request.Path)
        {
            Conditions = request.Preconditions(),
            // RFC 6638 §8.1
            Silent = request.Header("Schedule-Reply")?.Trim().Equals("F", StringComparison.OrdinalIgnoreCase) == true,
        });
        request.Http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}

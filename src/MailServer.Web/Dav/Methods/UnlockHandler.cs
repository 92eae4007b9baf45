using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Methods;

/// <summary>UNLOCK (RFC 4918 §9.11): removes a lock.</summary>
internal static class UnlockHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        if (request.Header("Lock-Token")?.Trim() is not ['<', .. var token, '>']) throw DavException.BadRequest("the Lock-Token header is missing or malformed");
        await request.AskAsync<CollectionReply.Done>(new CollectionRequest.Unlock(request.Path, token) { Conditions = request.Preconditions() });
        request.Http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}

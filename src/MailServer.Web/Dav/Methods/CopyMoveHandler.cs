using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Methods;

/// <summary>COPY and MOVE (RFC 4918 §9.8, §9.9) within an account.</summary>
internal static class CopyMoveHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        var move = request.Method == "MOVE";
        var depth = DepthHeader.Parse(request.Header("Depth"), Depth.Infinity);
        if (depth == Depth.One || (move && depth == Depth.Zero)) throw DavException.BadRequest("Depth must be infinity, or 0 for COPY");
        var overwrite = request.Header("Overwrite")?.Trim().ToUpperInvariant() is not "F";
        var transfer = new CollectionRequest.Transfer(request.Path, Destination(request), move, overwrite, Deep: depth == Depth.Infinity)
        {
            Conditions = request.Preconditions(),
        };
        try
        {
            var stored = await request.AskAsync<CollectionReply.Stored>(transfer);
            request.Http.Response.StatusCode = stored.Created ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
        }
        catch (DavException exists) when (exists.Status == StatusCodes.Status405MethodNotAllowed)
        {
            throw new DavException(412, "the destination exists and must not be overwritten");
        }
    }

    private static CollectionPath Destination(DavRequest request)
    {
        if (request.Header("Destination") is not { Length: > 0 } destination) throw DavException.BadRequest("the Destination header is missing");
        var host = request.Http.Request.Host.Value;
        if (DavUrl.AuthorityOf(destination) is { } authority && !authority.Equals(host, StringComparison.OrdinalIgnoreCase)) throw new DavException(502, "the destination is on another server");
        if (DavUrl.PathOf(destination) is not { } path || !DavUrl.TryParse(path, request.Limits, out var target)) throw new DavException(403, "the destination is not a valid URL");
        return target is DavTarget.StoredResource member && member.Address.Equals(request.Owner) ? member.Path : throw new DavException(403, "the destination is not in the same home");
    }
}

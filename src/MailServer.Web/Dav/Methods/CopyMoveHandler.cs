using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Methods;

/// <summary>COPY and MOVE (RFC 4918 §9.8, §9.9), also into and out of collections that others share. The rights of both places decide (RFC 3744 §7.2).</summary>
internal static class CopyMoveHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        var move = request.Method == "MOVE";
        var depth = DepthHeader.Parse(request.Header("Depth"), Depth.Infinity);
        if (depth == Depth.One || (move && depth == Depth.Zero)) throw DavException.BadRequest("Depth must be infinity, or 0 for COPY");
        var overwrite = request.Header("Overwrite")?.Trim().ToUpperInvariant() is not "F";
        var path = request.Path;
        var destination = DestinationOf(request) ?? throw DavException.Denied();
        var (owner, target) = (destination.Address, destination.Path);
        var from = await PlaceFinder.FindAsync(request, request.Owner, path) ?? throw DavException.NotFound();
        var to = await PlaceFinder.FindAsync(request, owner, target);
        var transfer = new CollectionRequest.Transfer(from.Path, to?.Path ?? target, move, overwrite, Deep: depth == Depth.Infinity) { Conditions = from.Conditions };
        var follow = await CollectionFollower.BeginAsync(request, move ? from : null, to);
        try
        {
            var stored = from.IsMount && move && owner.Equals(request.Owner)
                ? await request.AskAsync<CollectionReply.Stored>(transfer with { From = path, To = target, Conditions = request.Preconditions() })
                : from.Store == to?.Store
                    ? await request.AskAsync<CollectionReply.Stored>(from, transfer)
                    : await new SharedTransfer(request, from, to).RunAsync(transfer);
            await follow.EndAsync();
            if (stored is null) return;
            request.Http.Response.StatusCode = stored.Created ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
            // RFC 6638 §3.2.10
            if (stored.ScheduleTag is { } tag) request.Http.Response.Headers["Schedule-Tag"] = ETags.Quote(tag);
        }
        catch (DavException exists) when (exists.Status == StatusCodes.Status405MethodNotAllowed)
        {
            throw new DavException(412, "the destination exists and must not be overwritten");
        }
    }

    /// <summary>The destination; null if it is a URL of this server at which nothing can be stored.</summary>
    public static DavTarget.StoredResource? DestinationOf(DavRequest request)
    {
        if (request.Header("Destination") is not { Length: > 0 } destination) throw DavException.BadRequest("the Destination header is missing");
        var host = request.Http.Request.Host.Value;
        if (DavUrl.AuthorityOf(destination) is { } authority && !authority.Equals(host, StringComparison.OrdinalIgnoreCase)) throw new DavException(502, "the destination is on another server");
        if (DavUrl.PathOf(destination) is not { } path || !DavUrl.TryParse(path, request.Limits, out var target)) throw new DavException(403, "the destination is not a valid URL");
        return target as DavTarget.StoredResource;
    }
}

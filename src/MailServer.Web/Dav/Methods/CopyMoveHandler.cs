using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

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
        var (owner, target) = Destination(request);
        var from = await PlaceFinder.FindAsync(request, request.Owner, path) ?? throw DavException.NotFound();
        var to = await PlaceFinder.FindAsync(request, owner, target);
        var transfer = new CollectionRequest.Transfer(from.Path, to?.Path ?? target, move, overwrite, Deep: depth == Depth.Infinity) { Conditions = from.Conditions };
        try
        {
            var created = from.IsMount && move && owner.Equals(request.Owner)
                ? (await request.AskAsync<CollectionReply.Stored>(transfer with { From = path, To = target, Conditions = request.Preconditions() })).Created
                : from.Store == to?.Store
                    ? (await request.AskAsync<CollectionReply.Stored>(from, transfer)).Created
                    : await new SharedTransfer(request, from, to).RunAsync(transfer);
            if (created is { } isNew) request.Http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
        }
        catch (DavException exists) when (exists.Status == StatusCodes.Status405MethodNotAllowed)
        {
            throw new DavException(412, "the destination exists and must not be overwritten");
        }
    }

    private static (EmailAddress Owner, CollectionPath Path) Destination(DavRequest request)
    {
        if (request.Header("Destination") is not { Length: > 0 } destination) throw DavException.BadRequest("the Destination header is missing");
        var host = request.Http.Request.Host.Value;
        if (DavUrl.AuthorityOf(destination) is { } authority && !authority.Equals(host, StringComparison.OrdinalIgnoreCase)) throw new DavException(502, "the destination is on another server");
        if (DavUrl.PathOf(destination) is not { } path || !DavUrl.TryParse(path, request.Limits, out var target)) throw new DavException(403, "the destination is not a valid URL");
        return target is DavTarget.StoredResource member ? (member.Address, member.Path) : throw DavException.Forbidden(WebDav + "need-privileges");
    }
}

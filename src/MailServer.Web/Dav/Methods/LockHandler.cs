using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Methods;

/// <summary>LOCK (RFC 4918 §9.10): creates a lock if there is a body; otherwise refreshes the lock in the If header.</summary>
internal static class LockHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        var root = await request.ReadXmlAsync();
        var timeout = TimeoutHeader.Parse(request.Header("Timeout"), request.Limits.DavLockLifetime);
        var conditions = request.Preconditions();
        CollectionReply.Locked locked;
        if (root is null)
        {
            if (conditions.If.Count == 0) throw DavException.BadRequest("LOCK needs a body for a new lock, or an If header to refresh a lock");
            locked = await RefreshAsync(request, timeout, conditions);
        }
        else
        {
            var depth = DepthHeader.Parse(request.Header("Depth"), Depth.Infinity);
            if (depth == Depth.One) throw DavException.BadRequest("Depth must be 0 or infinity");
            var info = LockInfo.Parse(root, request.Limits);
            var token = $"urn:uuid:{Guid.NewGuid()}";
            locked = await request.AskAsync<CollectionReply.Locked>(
                new CollectionRequest.Lock(request.Path, token, info.Exclusive, depth == Depth.Infinity, info.Owner, timeout) { Conditions = conditions });
            request.Http.Response.Headers["Lock-Token"] = $"<{token}>";
        }

        using var output = new DavXmlWriter();
        Multistatus.Begin(output, "D:prop");
        output.Raw("<D:lockdiscovery>"u8);
        LockXml.Write(locked.Lock, DavUrl.HrefOf(request.Owner, locked.Lock.Root, isCollection: false), request.Now, output);
        output.Raw("</D:lockdiscovery>"u8);
        Multistatus.End(output, "D:prop");
        await DavResponse.SendXmlAsync(request.Http, locked.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK, output);
    }

    private static async Task<CollectionReply.Locked> RefreshAsync(DavRequest request, TimeSpan timeout, Preconditions conditions)
    {
        try
        {
            return await request.AskAsync<CollectionReply.Locked>(new CollectionRequest.RefreshLock(request.Path, timeout) { Conditions = conditions });
        }
        catch (DavException unknown) when (unknown.Status == StatusCodes.Status409Conflict)
        {
            throw new DavException(412, "the lock does not exist", unknown.Condition);
        }
    }
}

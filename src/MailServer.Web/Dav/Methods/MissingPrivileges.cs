using System.Xml.Linq;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>Names the privileges that a refused request lacks, and on which resources (RFC 3744 §7.1.1 and Appendix B).</summary>
internal static class MissingPrivileges
{
    public static async Task<DavException> DescribeAsync(DavRequest request)
    {
        if (request.Target is not DavTarget.StoredResource { Path: var path }) return DavException.Denied((request.Http.Request.Path.ToUriComponent(), WebDav + "write"));
        var parent = path.IsHome ? path : path.Parent;
        if (request.Method is "COPY" or "MOVE") return DavException.Denied(await OfTransferAsync(request, path));
        var isMade = request.Method is "MKCOL" or "MKCALENDAR" || (request.Method is "PUT" or "LOCK" && !await ExistsAsync(request, path));
        if (isMade) return DavException.Denied((HrefOf(request.Owner, parent), WebDav + "bind"));
        if (request.Method == "DELETE") return DavException.Denied((HrefOf(request.Owner, parent), WebDav + "unbind"));
        return DavException.Denied((DavUrl.HrefOf(request.Owner, path, request.HasSlash), PrivilegeOf(request)));
    }

    /// <summary>The privilege for a request that changes the resource itself.</summary>
    private static XName PrivilegeOf(DavRequest request) => WebDav + request.Method switch
    {
        "PUT" or "LOCK" => "write-content",
        "POST" when request.Http.Request.Query.ContainsKey("action") => "write-content",
        "POST" when request.Http.Request.ContentType?.Contains("xml", StringComparison.OrdinalIgnoreCase) != true => "bind",
        // Sharing: POST with an XML body, and ACL.
        "POST" or "ACL" => "write-acl",
        "PROPPATCH" => "write-properties",
        "UNLOCK" => "unlock",
        // acl-principal-prop-set; all other reports and methods that only read answer 404 to those who may not read.
        "REPORT" => "read-acl",
        _ => "read",
    };

    private static async Task<IReadOnlyList<(string Href, XName Privilege)>> OfTransferAsync(DavRequest request, CollectionPath path)
    {
        var lacking = new List<(string, XName)>();
        if (request.Method == "MOVE" && !await MayWriteAsync(request, request.Owner, path.Parent)) lacking.Add((HrefOf(request.Owner, path.Parent), WebDav + "unbind"));
        if (CopyMoveHandler.DestinationOf(request) is not { } target) return lacking;
        if (!await MayWriteAsync(request, target.Address, target.Path.Parent)) lacking.Add((HrefOf(target.Address, target.Path.Parent), WebDav + "bind"));
        // Both collections are writable, so it is what stands at the destination: a shared collection, for example.
        if (lacking.Count == 0) lacking.Add((DavUrl.HrefOf(target.Address, target.Path, target.HasSlash), WebDav + "write"));
        return lacking;
    }

    private static async Task<bool> MayWriteAsync(DavRequest request, EmailAddress owner, CollectionPath parent)
    {
        if (await PlaceFinder.FindAsync(request, owner, parent) is not { } place) return false;
        try
        {
            var found = await request.AskAsync<CollectionReply.ItemFound>(place, new CollectionRequest.Find(place.Path, WithBody: false));
            return found.Collection is { IsGenerated: false } collection && (place.Sharee is not { } sharee || collection.AccessOf(sharee) == CollectionAccess.ReadWrite);
        }
        catch (DavException)
        {
            return false;
        }
    }

    private static async Task<bool> ExistsAsync(DavRequest request, CollectionPath path)
    {
        try
        {
            await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(path, WithBody: false));
            return true;
        }
        catch (DavException)
        {
            return false;
        }
    }

    private static string HrefOf(EmailAddress owner, CollectionPath collection) => DavUrl.HrefOf(owner, collection, isCollection: true);
}

using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>MKCOL (RFC 4918 §9.3) and extended MKCOL with a resource type (RFC 5689).</summary>
internal static class MkColHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        var root = await ReadAsync(request);
        if (root is not null && root.Name != WebDav + "mkcol") throw new DavException(415, "the body of MKCOL must be DAV:mkcol");
        var made = MkColRequest.Parse(root, CollectionKind.Folder, request.Limits);
        if (made.Fault is { } fault) await RefuseAsync(request, made, fault);
        else await MakeAsync(request, made);
    }

    /// <summary>RFC 5689 §3: nothing is created if a property cannot be set; the body names the properties.</summary>
    private static async Task RefuseAsync(DavRequest request, MkColRequest made, DavException fault)
    {
        using var output = new DavXmlWriter();
        Multistatus.Begin(output, "D:mkcol-response");
        PropertyOutcome.Write(made.Outcomes, output);
        Multistatus.End(output, "D:mkcol-response");
        request.Http.Response.Headers.CacheControl = "no-cache";
        await DavResponse.SendXmlAsync(request.Http, fault.Status, output);
    }

    public static async Task MakeAsync(DavRequest request, MkColRequest made)
    {
        var properties = ZoneProperties.Complete([.. made.Properties.Select(static p => KeyValuePair.Create(p.Key, (string?)p.Value))], request.Now)
            .Where(static p => p.Value is not null).ToDictionary(static p => p.Key, static p => p.Value!, StringComparer.Ordinal);
        await request.AskAsync<CollectionReply.Done>(new CollectionRequest.MakeCollection(request.Path, made.Kind, made.Components, properties)
        {
            Conditions = request.Preconditions(),
        });
        request.Http.Response.StatusCode = StatusCodes.Status201Created;
        request.Http.Response.Headers.CacheControl = "no-cache";
    }

    /// <summary>Reads the body. Content types other than XML are rejected with 415 (RFC 4918 §9.3.1).</summary>
    private static Task<XElement?> ReadAsync(DavRequest request)
    {
        var type = request.Http.Request.ContentType;
        if (request.Http.Request.ContentLength > 0 && type is not null && !type.Contains("xml", StringComparison.OrdinalIgnoreCase)) throw new DavException(415, "the body of MKCOL must be XML or empty");
        return request.ReadXmlAsync();
    }
}

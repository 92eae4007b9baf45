using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
using MailServer.Web.Dav.Scheduling;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>PROPPATCH (RFC 4918 §9.2): applies all changes or none.</summary>
internal static class PropPatchHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        var path = request.Path;
        var root = await request.ReadXmlAsync();
        if (root is null || root.Name != WebDav + "propertyupdate") throw DavException.BadRequest("the body of PROPPATCH must be DAV:propertyupdate");
        var updates = PropertyUpdate.Parse(root);
        var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(path, WithBody: false));
        var changes = updates.ConvertAll(update => PropertyChange.Of(update.Name, update.Value, request.Limits));
        var isRefused = changes.Exists(change => change.Fault is not null);
        if (!isRefused)
        {
            await DefaultCalendarValidator.CheckAsync(request, updates);
            await request.AskAsync<CollectionReply.Done>(new CollectionRequest.SetProperties(path, changes.ConvertAll(change => KeyValuePair.Create(change.Name.ToString(), change.Stored))) { Conditions = request.Preconditions() });
            if (request.PrefersMinimal)
            {
                request.Http.Response.StatusCode = StatusCodes.Status200OK;
                request.Http.Response.Headers["Preference-Applied"] = "return=minimal";
                return;
            }
        }

        using var answer = DavResponse.Multistatus(request.Http);
        var output = answer.Output;
        output.Raw("<D:response>"u8).Href(DavUrl.HrefOf(request.Owner, path, found.Collection is not null));
        foreach (var change in changes)
        {
            output.Raw("<D:propstat><D:prop>"u8).Empty(change.Name).Raw("</D:prop>"u8);
            if (change.Fault is { } fault) WriteFault(fault, output);
            else if (isRefused) output.Raw("<D:status>HTTP/1.1 424 Failed Dependency</D:status>"u8);
            else output.Raw("<D:status>HTTP/1.1 200 OK</D:status>"u8);
            output.Raw("</D:propstat>"u8);
        }

        output.Raw("</D:response>\n"u8);
        await answer.EndAsync();
    }

    /// <summary>Writes the status and condition of a property that cannot be set (RFC 4918 §9.2.1).</summary>
    private static void WriteFault(DavException fault, DavXmlWriter output)
    {
        output.Raw(fault.Status == StatusCodes.Status507InsufficientStorage ? "<D:status>HTTP/1.1 507 Insufficient Storage</D:status>"u8 : "<D:status>HTTP/1.1 403 Forbidden</D:status>"u8);
        if (fault.Condition is { } condition) output.Raw("<D:error>"u8).Empty(condition).Raw("</D:error>"u8);
    }

    /// <summary>One instruction with the value to store (null to remove the property) or the error.</summary>
    private sealed record PropertyChange(XName Name, string? Stored, DavException? Fault)
    {
        public static PropertyChange Of(XName name, XElement? value, Limits limits)
        {
            if (LiveProperties.IsProtected(name)) return new PropertyChange(name, null, DavException.Forbidden(WebDav + "cannot-modify-protected-property"));
            try
            {
                return new PropertyChange(name, value is null ? null : PropertyUpdate.ToStored(value, limits), null);
            }
            catch (DavException fault)
            {
                return new PropertyChange(name, null, fault);
            }
        }
    }
}

using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Web.Dav.Scheduling;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>PROPPATCH (RFC 4918 §9.2): all of it or nothing.</summary>
internal static class PropPatch
{
    public static async Task HandleAsync(DavRequest request)
    {
        var path = request.Path;
        var root = await request.ReadXmlAsync();
        if (root is null || root.Name != WebDav + "propertyupdate") throw DavException.BadRequest("a PROPPATCH has a DAV:propertyupdate");
        var updates = PropertyUpdate.Parse(root);
        var found = await request.AskAsync<CollectionReply.Found>(new CollectionRequest.Find(path, WithBody: false));
        var isProtected = updates.ConvertAll(update => LiveProperties.IsProtected(update.Name));
        if (!isProtected.Contains(true))
        {
            await DefaultCalendarRule.CheckAsync(request, updates);
            var changes = updates.ConvertAll(update =>
                KeyValuePair.Create(update.Name.ToString(), update.Value is { } value ? PropertyUpdate.ToStored(value, request.Limits) : null));
            await request.AskAsync<CollectionReply.Done>(new CollectionRequest.SetProperties(path, changes) { Conditions = request.Preconditions() });
            if (request.PrefersMinimal)
            {
                request.Http.Response.StatusCode = StatusCodes.Status200OK;
                request.Http.Response.Headers["Preference-Applied"] = "return=minimal";
                return;
            }
        }

        using var answer = DavAnswer.Multistatus(request.Http);
        var output = answer.Output;
        output.Raw("<D:response>"u8).Href(DavUrl.HrefOf(request.Owner, path, found.Collection is not null));
        for (var i = 0; i < updates.Count; i++)
        {
            output.Raw("<D:propstat><D:prop>"u8).Empty(updates[i].Name).Raw("</D:prop>"u8);
            if (isProtected[i]) output.Raw("<D:status>HTTP/1.1 403 Forbidden</D:status><D:error><D:cannot-modify-protected-property/></D:error>"u8);
            else if (isProtected.Contains(true)) output.Raw("<D:status>HTTP/1.1 424 Failed Dependency</D:status>"u8);
            else output.Raw("<D:status>HTTP/1.1 200 OK</D:status>"u8);
            output.Raw("</D:propstat>"u8);
        }

        output.Raw("</D:response>\n"u8);
        await answer.EndAsync();
    }
}

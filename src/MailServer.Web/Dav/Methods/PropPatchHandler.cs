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
        if (await DefaultCalendarValidator.FindFaultAsync(request, updates) is { } fault)
            changes = changes.ConvertAll(change => change.Name == SchedulingProperties.DefaultCalendar ? change with { Fault = fault } : change);
        if (!changes.Exists(static change => change.Fault is not null) && await ApplyAsync(request, path, changes) is { } full)
            changes = changes.ConvertAll(change => change.Stored is null ? change : change with { Fault = full });
        var isApplied = !changes.Exists(static change => change.Fault is not null);
        if (isApplied && request.PrefersMinimal)
        {
            request.Http.Response.StatusCode = StatusCodes.Status200OK;
            request.Http.Response.Headers["Preference-Applied"] = "return=minimal";
            return;
        }

        using var answer = DavResponse.Multistatus(request.Http);
        answer.Output.Raw("<D:response>"u8).Href(DavUrl.HrefOf(request.Owner, path, found.Collection is not null));
        PropertyOutcome.Write(changes.ConvertAll(static change => new PropertyOutcome(change.Name, change.Fault)), answer.Output);
        answer.Output.Raw("</D:response>\n"u8);
        await answer.EndAsync();
    }

    /// <summary>Applies all changes; returns the fault of the new values if there is no room for them, in which case nothing was changed.</summary>
    private static async Task<DavException?> ApplyAsync(DavRequest request, CollectionPath path, List<PropertyChange> changes)
    {
        try
        {
            var stored = ZoneProperties.Complete(changes.ConvertAll(change => KeyValuePair.Create(change.Name.ToString(), change.Stored)), request.Now);
            await request.AskAsync<CollectionReply.Done>(new CollectionRequest.SetProperties(path, stored) { Conditions = request.Preconditions() });
            return null;
        }
        catch (DavException full) when (full.Status == StatusCodes.Status507InsufficientStorage)
        {
            return full;
        }
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

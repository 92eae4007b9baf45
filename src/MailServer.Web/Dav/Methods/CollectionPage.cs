using System.Text;
using System.Text.Encodings.Web;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Methods;

/// <summary>The response to GET on a collection: a small page for a person who opened the URL in a browser. Clients use PROPFIND.</summary>
internal static class CollectionPage
{
    /// <summary>A page about an entry point or a principal.</summary>
    public static Task AnswerAsync(DavRequest request) => SendAsync(
        request, request.Owner.ToString(), "", [DavUrl.HomeOf(request.Owner, CollectionSpace.Calendars), DavUrl.HomeOf(request.Owner, CollectionSpace.AddressBooks), DavUrl.HomeOf(request.Owner, CollectionSpace.Files)]);

    /// <summary>A page about a stored collection, with links to its first members.</summary>
    public static async Task AnswerAsync(DavRequest request, CollectionInfo collection)
    {
        var self = request.Describe(collection);
        var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.List(collection.Path, 0, WithProperties: false));
        var links = page.Collections.Select(child => request.Describe(child).Href).Concat(page.Resources.Select(entry => DavResource.OfMember(entry, self).Href));
        await SendAsync(request, collection.Path.IsHome ? request.Owner.ToString() : collection.Path.Name, KindOf(self.Kind), links);
    }

    private static string KindOf(DavResourceKind kind) => kind switch
    {
        DavResourceKind.AddressBook => "This is an address book. ",
        DavResourceKind.Home or DavResourceKind.Folder => "This is a folder. ",
        DavResourceKind.ScheduleInbox or DavResourceKind.ScheduleOutbox => "Programs exchange invitations here. ",
        _ => "",
    };

    private static async Task SendAsync(DavRequest request, string title, string kind, IEnumerable<string> links)
    {
        var html = HtmlEncoder.Default;
        var text = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>").Append(html.Encode(title)).Append("</title></head><body><h1>").Append(html.Encode(title))
            .Append("</h1><p>").Append(kind).Append("To use it, enter this address in a calendar or contacts program.</p><ul>");
        foreach (var link in links) text.Append("<li><a href=\"").Append(html.Encode(link)).Append("\">").Append(html.Encode(Uri.UnescapeDataString(link))).Append("</a></li>");
        var page = Encoding.UTF8.GetBytes(text.Append("</ul></body></html>\n").ToString());
        var response = request.Http.Response;
        response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        response.Headers.CacheControl = "private, no-store";
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Length;
        if (HttpMethods.IsGet(request.Method)) await response.Body.WriteAsync(page, request.Cancel);
    }
}

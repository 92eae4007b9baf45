using System.Security.Cryptography;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Sharing;
using MailServer.Protocol.Dav.Xml;
using MailServer.Web.Dav.Methods;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Sharing;

/// <summary>The pending invitations of an account as a notification collection (calendarserver.org, caldav-notifications).</summary>
internal static class NotificationCollection
{
    private const string Extension = ".xml";
    private const string TokenPrefix = "data:,notifications-";

    public static async Task AnswerAsync(DavRequest request, DavTarget.Notifications target, Depth depth, PropertySelection selection)
    {
        var home = new DavResource { Href = DavUrl.NotificationsOf(request.Owner), Kind = DavResourceKind.Notifications, Owner = request.Owner };
        var all = await ReadAsync(request);
        var shown = target.Name is null ? (depth == Depth.One ? all : []) : [Find(all, target.Name)];
        using var answer = DavResponse.Multistatus(request.Http);
        if (target.Name is null && !PropFindHandler.IsWithoutRoot(request, depth)) await answer.WriteAsync(home, selection);
        foreach (var notification in shown) await answer.WriteAsync(DavResource.OfMember(notification, home), selection);
        await answer.EndAsync();
    }

    public static async Task GetAsync(DavRequest request, string name)
    {
        var found = Find(await ReadAsync(request), name);
        request.Http.Response.Headers.ETag = ETags.Quote(found.ETag);
        request.Http.Response.ContentType = found.ContentType;
        request.Http.Response.ContentLength = found.Size;
        if (request.Method == "GET") await request.Http.Response.Body.WriteAsync(found.Body, request.Cancel);
    }

    public static async Task DismissAsync(DavRequest request, string name)
    {
        Find(await ReadAsync(request), name);
        await request.AskAsync<CollectionReply.Done>(new CollectionRequest.DismissInvitation(name[..^Extension.Length]));
        request.Http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>
    /// sync-collection (RFC 6578 §3). The collection keeps no history; instead the token lists the notifications that the client has.
    /// </summary>
    public static async Task SynchroniseAsync(DavRequest request, XElement root)
    {
        var token = root.Element(SyncTokenName)?.Value.Trim() ?? "";
        var known = token.Length == 0 ? [] : token.StartsWith(TokenPrefix, StringComparison.Ordinal) ? token[TokenPrefix.Length..].Split('.', StringSplitOptions.RemoveEmptyEntries) : null;
        if (known is null || known.Any(id => !id.All(char.IsAsciiLetterOrDigit))) throw DavException.Forbidden(WebDav + "valid-sync-token");
        var home = new DavResource { Href = DavUrl.NotificationsOf(request.Owner), Kind = DavResourceKind.Notifications, Owner = request.Owner };
        var all = await ReadAsync(request);
        var ids = all.Select(entry => entry.Name[..^Extension.Length]).ToArray();
        var selection = PropertySelection.Of(root.Elements(Prop).Elements().Select(property => property.Name), request.PrefersMinimal);
        using var answer = DavResponse.Multistatus(request.Http);
        foreach (var entry in all.Where(entry => !known.Contains(entry.Name[..^Extension.Length], StringComparer.Ordinal))) await answer.WriteAsync(DavResource.OfMember(entry, home), selection);
        foreach (var gone in known.Except(ids, StringComparer.Ordinal)) Multistatus.Status(answer.Output, home.Href + gone + Extension, 404, "Not Found");
        answer.Output.Raw("<D:sync-token>"u8).Raw(TokenPrefix + string.Join('.', ids)).Raw("</D:sync-token>\n"u8);
        await answer.EndAsync();
    }

    private static ResourceEntry Find(IReadOnlyList<ResourceEntry> all, string name) => all.FirstOrDefault(entry => entry.Name == name) ?? throw DavException.NotFound();

    private static async Task<IReadOnlyList<ResourceEntry>> ReadAsync(DavRequest request)
    {
        var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.ListMounts());
        return [.. page.Collections.Where(shown => shown.Mount!.IsInvitationPending).Select(shown => Describe(shown, request))];
    }

    private static ResourceEntry Describe(CollectionInfo shown, DavRequest request)
    {
        var mount = shown.Mount!;
        using var output = new DavXmlWriter();
        InvitationXml.Write(mount, request.Owner, mount.Target.Name, output);
        var body = output.Written.ToArray();
        return new ResourceEntry
        {
            Id = shown.Id,
            Name = mount.Invitation + Extension,
            ETag = Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16)),
            Size = body.Length,
            ContentType = "application/xml; charset=utf-8",
            Component = mount.Target.Space == CollectionSpace.Calendars ? CalendarComponents.Event : CalendarComponents.None,
            Created = mount.InvitedAt,
            Modified = mount.InvitedAt,
            ModSeq = shown.ModSeq,
            Body = body,
        };
    }
}

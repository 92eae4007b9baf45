using System.Security.Cryptography;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Sharing;
using MailServer.Protocol.Dav.Xml;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Sharing;

/// <summary>The pending invitations of an account, and notices about shares, as a notification collection (calendarserver.org, caldav-notifications).</summary>
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
        if (target.Name is null && !request.WantsMembersOnly(depth)) await answer.WriteAsync(home, selection);
        foreach (var notification in shown) await answer.WriteAsync(notification.Within(home), selection);
        await answer.EndAsync();
    }

    public static async Task GetAsync(DavRequest request, string name)
    {
        var found = Find(await ReadAsync(request), name).Entry;
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
        var ids = all.Select(static n => n.Id).ToArray();
        var selection = PropertySelection.Of(RequestedProperties.Named(root).Select(property => property.Name), request.PrefersMinimal);
        using var answer = DavResponse.Multistatus(request.Http);
        foreach (var added in all.Where(n => !known.Contains(n.Id, StringComparer.Ordinal))) await answer.WriteAsync(added.Within(home), selection);
        foreach (var gone in known.Except(ids, StringComparer.Ordinal)) Multistatus.Status(answer.Output, home.Href + gone + Extension, 404, "Not Found");
        answer.Output.Raw("<D:sync-token>"u8).Raw(TokenPrefix + string.Join('.', ids)).Raw("</D:sync-token>\n"u8);
        await answer.EndAsync();
    }

    private static Notification Find(IReadOnlyList<Notification> all, string name) => all.FirstOrDefault(n => n.Entry.Name == name) ?? throw DavException.NotFound();

    private static async Task<IReadOnlyList<Notification>> ReadAsync(DavRequest request)
    {
        var mounts = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.ListMounts());
        var notices = await request.AskAsync<CollectionReply.Notices>(new CollectionRequest.ListNotices());
        return
        [
            .. mounts.Collections.Where(static c => c.Mount!.IsInvitationPending).Select(c => Describe(c.Mount!, request)),
            .. notices.All.Select(n => Describe(n, request)),
        ];
    }

    private static Notification Describe(CollectionMount mount, DavRequest request)
    {
        using var output = new DavXmlWriter();
        InvitationXml.Write(mount, request.Owner, mount.Target.Name, output);
        return new Notification(mount.Invitation, mount.InvitedAt, InvitationXml.TypeOf(mount), output.Written.ToArray());
    }

    private static Notification Describe(SharingNotice notice, DavRequest request)
    {
        using var output = new DavXmlWriter();
        InvitationXml.Write(notice, request.Owner, output);
        return new Notification(notice.Id, notice.At, InvitationXml.TypeOf(notice), output.Written.ToArray());
    }

    private sealed class Notification(string id, DateTimeOffset at, string type, byte[] body)
    {
        public string Id => id;

        public ResourceEntry Entry { get; } = new()
        {
            Id = 0,
            Name = id + Extension,
            ETag = Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16)),
            Size = body.Length,
            ContentType = "application/xml; charset=utf-8",
            Component = CalendarComponents.None,
            Created = at,
            Modified = at,
            ModSeq = 0,
            Body = body,
        };

        public DavResource Within(DavResource home) => DavResource.OfMember(Entry, home) with { NotificationType = type };
    }
}

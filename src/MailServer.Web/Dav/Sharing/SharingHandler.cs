using System.Xml.Linq;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Sharing;
using MailServer.Protocol.Dav.Xml;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Sharing;

/// <summary>Sharing and publishing by POST, as Apple clients do it (calendarserver.org, caldav-sharing §5.3, §5.4; caldav-publish).</summary>
internal static class SharingHandler
{
    public static readonly XName Publish = CalendarServer + "publish-calendar";
    public static readonly XName Unpublish = CalendarServer + "unpublish-calendar";

    public static async Task ShareAsync(DavRequest request, XElement root)
    {
        var owner = OwnerOnly(request);
        var share = ShareRequest.Parse(root);
        var granted = new List<CollectionGrant>();
        var revoked = new List<AccountId>();
        var unknown = new List<string>();
        foreach (var (href, access, summary) in share.Invited)
        {
            if (await PrincipalResolver.FindAsync(request.Services, href, request.Cancel) is { } guest && guest.Id != owner.Id) granted.Add(new CollectionGrant(guest.Id, guest.Address, access, false, summary));
            else unknown.Add(href);
        }

        foreach (var href in share.Removed)
        {
            if (await PrincipalResolver.FindAsync(request.Services, href, request.Cancel) is { } guest) revoked.Add(guest.Id);
            else unknown.Add(href);
        }

        await ApplyAsync(request, owner, granted, revoked);
        if (unknown.Count == 0) return;
        using var answer = DavResponse.Multistatus(request.Http);
        foreach (var href in unknown) Multistatus.Status(answer.Output, href, 403, "Forbidden");
        await answer.EndAsync();
    }

    public static async Task ApplyAsync(DavRequest request, Account owner, IReadOnlyList<CollectionGrant> granted, IReadOnlyList<AccountId> revoked)
    {
        if (await request.Services.Sharing.ShareAsync(owner, request.Path, granted, revoked, request.Cancel) is CollectionReply.Refused refused)
            throw DavErrorMapper.ToException(refused, request.Owner, request.Path);
    }

    /// <summary>Answers an invitation. A shared collection is in the guest's home from the start: accepting dismisses the notification, declining removes the collection; the owner is told.</summary>
    public static async Task ReplyAsync(DavRequest request, XElement root)
    {
        OwnerOnly(request);
        var reply = InviteReply.Parse(root);
        var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.ListMounts());
        var path = DavUrl.PathOf(reply.HostUrl)?.TrimEnd('/');
        var invited = page.Collections.FirstOrDefault(shown => shown.Mount!.Invitation == reply.Invitation)
            ?? page.Collections.FirstOrDefault(shown => path is not null && SharingProperties.OwnerUrlOf(shown.Mount!).TrimEnd('/') == path)
            ?? throw DavException.NotFound();
        if (!reply.Accepted)
        {
            await request.Services.Sharing.DeclineAsync(request.Account, invited.Mount!, request.Cancel);
            request.Http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (await request.Services.Sharing.AcceptAsync(request.Account, invited.Mount!, request.Cancel) is CollectionReply.Refused refused)
            throw DavErrorMapper.ToException(refused, request.Owner, invited.Path);
        using var output = new DavXmlWriter();
        Multistatus.Begin(output, "S:shared-as");
        output.Href(DavUrl.HrefOf(request.Owner, invited.Path, isCollection: true));
        Multistatus.End(output, "S:shared-as");
        await DavResponse.SendXmlAsync(request.Http, StatusCodes.Status200OK, output);
    }

    public static async Task PublishAsync(DavRequest request, bool publish)
    {
        var owner = OwnerOnly(request);
        var reply = publish
            ? await request.Services.Sharing.LinkAsync(owner.Id, request.Path, request.Cancel)
            : await request.Services.Collections.AskAsync(owner.Id, new CollectionRequest.RemoveLinks(request.Path), request.Cancel);
        if (reply is CollectionReply.Refused refused) throw DavErrorMapper.ToException(refused, request.Owner, request.Path);
    }

    /// <summary>The owner of the collection. Throws <see cref="DavException"/> (403) for guests, who cannot share a collection further.</summary>
    public static Account OwnerOnly(DavRequest request) =>
        request.Owner.Equals(request.Account.Address) ? request.Account : throw DavException.Denied();
}

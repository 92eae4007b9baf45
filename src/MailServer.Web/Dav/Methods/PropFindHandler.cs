using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Web.Dav.Scheduling;
using MailServer.Web.Dav.Sharing;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>PROPFIND (RFC 4918 §9.1) with depth 0 or 1. Members are read page by page from the index only.</summary>
internal static class PropFindHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        var depth = DepthHeader.Parse(request.Header("Depth"), Depth.Infinity);
        var selection = PropFindRequest.Parse(await request.ReadXmlAsync(), request.PrefersMinimal);
        if (request.WantsMembersOnly(depth)) request.Http.Response.Headers["Preference-Applied"] = "depth-noroot";
        if (depth == Depth.Infinity) throw DavException.Forbidden(WebDav + "propfind-finite-depth");
        if (request.Target is DavTarget.StoredResource member) await AnswerStoredAsync(request, member.Path, depth, selection);
        else if (request.Target is DavTarget.Notifications notifications) await NotificationCollection.AnswerAsync(request, notifications, depth, selection);
        else await AnswerFixedAsync(request, depth, selection);
    }

    private static async Task AnswerFixedAsync(DavRequest request, Depth depth, PropertySelection selection)
    {
        using var answer = DavResponse.Multistatus(request.Http);
        var self = request.DescribeTarget();
        if (selection.Includes(SchedulingProperties.UserAddresses)) self = self with { Addresses = await request.Services.Directory.AddressesOfAsync(request.Account.Id, request.Cancel) };
        if (!request.WantsMembersOnly(depth)) await answer.WriteAsync(self, selection);
        if (depth == Depth.One && request.Target is DavTarget.Principals)
            await answer.WriteAsync(new DavResource { Href = DavUrl.PrincipalOf(request.Owner), Kind = DavResourceKind.Principal, Owner = request.Owner }, selection);
        await answer.EndAsync();
    }

    private static async Task AnswerStoredAsync(DavRequest request, CollectionPath path, Depth depth, PropertySelection selection)
    {
        var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(path, WithBody: false));
        var details = await QuotaAndLocks.ReadAsync(request, path, selection);
        if (found.Collection is not { } collection)
        {
            using var single = DavResponse.Multistatus(request.Http);
            await single.WriteAsync(details.Add(DavResource.OfMember(found.Resource!, request.Describe(found.Parent!)), path), selection);
            await single.EndAsync();
            return;
        }

        var invitations = new InvitationStates(request, selection);
        var self = await invitations.ResolveAsync(await DefaultCalendarResolver.ResolveAsync(request, request.Describe(collection), selection));
        using var answer = DavResponse.Multistatus(request.Http);
        if (!request.WantsMembersOnly(depth)) await answer.WriteAsync(details.Add(self, path), selection);
        if (depth == Depth.One) await WriteMembersAsync(request, self, details, answer, selection, invitations);
        await answer.EndAsync();
    }

    private static async Task WriteMembersAsync(DavRequest request, DavResource self, QuotaAndLocks details, DavResponse answer, PropertySelection selection, InvitationStates invitations)
    {
        var path = self.Collection!.Path;
        long? after = 0;
        while (after is { } from)
        {
            var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.List(path, from, selection.IncludesDeadProperties));
            foreach (var child in page.Collections)
            {
                var shown = child.Mount is null ? child : await request.ResolveMountAsync(child);
                if (shown is null) continue;
                var described = await invitations.ResolveAsync(await DefaultCalendarResolver.ResolveAsync(request, request.Describe(shown), selection));
                await answer.WriteAsync(details.Add(described, child.Path), selection);
            }

            foreach (var entry in page.Resources)
            {
                var member = DavResource.OfMember(entry, self);
                if (details.Any) member = details.Add(member, path.Child(entry.Name));
                await answer.WriteAsync(member, selection);
            }

            after = page.Next;
        }
    }

    /// <summary>Quota and locks, which are only read if they are requested.</summary>
    private sealed record QuotaAndLocks(CollectionReply.Quota? Quota, IReadOnlyList<ResourceLock> Locks, DateTimeOffset Now)
    {
        public bool Any => Quota is not null || Locks.Count > 0;

        public static async Task<QuotaAndLocks> ReadAsync(DavRequest request, CollectionPath path, PropertySelection selection)
        {
            var wantsQuota = selection.Includes(QuotaUsed) || selection.Includes(QuotaAvailable);
            var quota = wantsQuota ? await request.AskAsync<CollectionReply.Quota>(new CollectionRequest.GetQuota()) : null;
            var locks = selection.Includes(LockDiscovery) ? await request.AskAsync<CollectionReply.Locks>(new CollectionRequest.FindLocks(path)) : null;
            return new QuotaAndLocks(quota, locks?.Active ?? [], request.Now);
        }

        public DavResource Add(DavResource resource, CollectionPath path) => Any
            ? resource with { Quota = resource.IsCollection ? Quota : null, Locks = [.. Locks.Where(active => active.Covers(path))], Now = Now }
            : resource;
    }
}

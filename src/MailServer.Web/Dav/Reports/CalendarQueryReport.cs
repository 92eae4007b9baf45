using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;

namespace MailServer.Web.Dav.Reports;

/// <summary>calendar-query (RFC 4791 §7.8): the actor of the calendar evaluates the filter, page by page.</summary>
internal static class CalendarQueryReport
{
    public static async Task AnswerAsync(DavRequest request, DavResource collection, XElement root)
    {
        var query = CalendarQueryRequest.Parse(root);
        var selection = ContentPropertySelector.Select(collection, root, request.PrefersMinimal);
        using var answer = DavResponse.Multistatus(request.Http);
        if (!query.Filter.Plan.IsEmpty)
        {
            foreach (var calendar in await SearchedAsync(request, collection))
                await foreach (var entry in ReportSearch.RunAsync(request, ReportSearch.Of(request, calendar, root))) await answer.WriteAsync(DavResource.OfMember(entry, calendar), selection);
        }

        await answer.EndAsync();
    }

    /// <summary>The collection, or all calendars of a home. With another depth than infinity a home contains no calendar objects.</summary>
    private static async Task<IReadOnlyList<DavResource>> SearchedAsync(DavRequest request, DavResource collection)
    {
        if (collection.Kind != DavResourceKind.Home) return [collection];
        if (DepthHeader.Parse(request.Header("Depth"), Depth.Zero) != Depth.Infinity) return [];
        var calendars = new List<DavResource>();
        var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.List(collection.Collection!.Path, 0, WithProperties: false));
        foreach (var child in page.Collections)
        {
            var shown = child.Mount is null ? child : await request.ResolveMountAsync(child);
            if (shown is { Kind: CollectionKind.Calendar }) calendars.Add(request.Describe(shown));
        }

        return calendars;
    }
}

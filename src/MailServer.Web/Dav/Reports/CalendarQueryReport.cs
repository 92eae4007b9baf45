using System.Xml.Linq;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;

namespace MailServer.Web.Dav.Reports;

/// <summary>calendar-query (RFC 4791 §7.8): the actor of the calendar evaluates the filter, page by page.</summary>
internal static class CalendarQueryReport
{
    public static async Task AnswerAsync(DavRequest request, DavResource collection, XElement root)
    {
        var query = CalendarQueryRequest.Parse(root);
        var selection = ContentPropertySelector.Select(collection, query.Properties, request.PrefersMinimal);
        var search = ReportSearch.Of(request, collection, root);
        using var answer = DavResponse.Multistatus(request.Http);
        if (!query.Filter.Plan.IsEmpty)
            await foreach (var entry in ReportSearch.RunAsync(request, search)) await answer.WriteAsync(DavResource.OfMember(entry, collection), selection);
        await answer.EndAsync();
    }
}

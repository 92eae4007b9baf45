using System.Xml.Linq;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Web.Dav.Reports;

/// <summary>addressbook-query (RFC 6352 §8.6): the actor of the address book evaluates the filter, page by page.</summary>
internal static class AddressBookQueryReport
{
    public static async Task AnswerAsync(DavRequest request, DavResource collection, XElement root)
    {
        var query = AddressBookQueryRequest.Parse(root);
        var selection = ContentPropertySelector.Select(collection, root, request.PrefersMinimal);
        var search = ReportSearch.Of(request, collection, root);
        using var answer = DavResponse.Multistatus(request.Http);
        var left = search.Names is null ? query.Filter.Limit ?? int.MaxValue : int.MaxValue;
        await foreach (var entry in ReportSearch.RunAsync(request, search))
        {
            if (left-- == 0)
            {
                // RFC 6352 §8.6.1
                Multistatus.Truncated(answer.Output, collection.Href);
                break;
            }

            await answer.WriteAsync(DavResource.OfMember(entry, collection), selection);
        }

        await answer.EndAsync();
    }
}

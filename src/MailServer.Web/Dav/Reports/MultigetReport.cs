using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Web.Dav.Reports;

/// <summary>calendar-multiget (RFC 4791 §7.9) and addressbook-multiget (RFC 6352 §8.7): resources by URL, read in batches.</summary>
internal static class MultigetReport
{
    private const int AtOnce = 100;

    public static async Task AnswerAsync(DavRequest request, DavResource collection, XElement root)
    {
        var wanted = MultigetRequest.Parse(root);
        var withBody = wanted.Properties.Any(property => property.Name == ContentPropertySelector.NameOf(collection.Kind));
        var selection = ContentPropertySelector.Select(collection, root, request.PrefersMinimal);
        var search = ReportSearch.Of(request, collection, root);
        var only = request.MemberNameIn(collection);
        using var answer = DavResponse.Multistatus(request.Http);
        foreach (var hrefs in wanted.Hrefs.Chunk(AtOnce))
        {
            // RFC 4791 §7.9: a report on a single resource only returns that resource.
            var names = Array.ConvertAll(hrefs, href => NameOf(href, request, collection.Collection!.Path) is { } name && (only is null || name == only) ? name : null);
            string[] distinct = [.. names.OfType<string>().Distinct(StringComparer.Ordinal)];
            var page = await request.AskAsync<CollectionReply.Page>(
                withBody ? search with { Names = distinct } : new CollectionRequest.ReadMany(search.Path, distinct, WithBody: false));
            var found = page.Resources.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
            for (var i = 0; i < hrefs.Length; i++)
            {
                if (names[i] is { } name && found.TryGetValue(name, out var entry)) await answer.WriteAsync(DavResource.OfMember(entry, collection), selection);
                else Multistatus.Status(answer.Output, hrefs[i], 404, "Not Found");
            }
        }

        await answer.EndAsync();
    }

    /// <summary>The name within the collection; null if the URL is not in the collection.</summary>
    private static string? NameOf(string href, DavRequest request, CollectionPath collection) =>
        DavUrl.PathOf(href) is { } path && DavUrl.TryParse(path, request.Limits, out var target) && target is DavTarget.StoredResource { Path.IsHome: false } member
        && member.Address.Equals(request.Owner) && member.Path.Parent.Equals(collection)
            ? member.Path.Name
            : null;
}

using System.Text;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Reports;

/// <summary>Sends a report to its collection and returns the selected resources.</summary>
internal static class ReportSearch
{
    /// <summary>A search of the whole collection, or of the member that the request names.</summary>
    public static CollectionRequest.Search Of(DavRequest request, DavResource collection, XElement root) =>
        new(collection.Collection!.Path, 0, Encoding.UTF8.GetBytes(WithoutHrefs(root).ToString(SaveOptions.DisableFormatting)))
        {
            Names = !request.Path.IsHome && request.MemberNameIn(collection) is { } name ? [name] : null,
            FloatingZone = FloatingZones.TextOf(collection.Collection),
            Zones = collection.Kind != DavResourceKind.Calendar ? ZoneDefinitions.AsStored
                : request.OmitsTimeZones ? ZoneDefinitions.LeaveOut
                : request.RequiresTimeZones ? ZoneDefinitions.Add
                : ZoneDefinitions.AsStored,
        };

    public static async IAsyncEnumerable<ResourceEntry> RunAsync(DavRequest request, CollectionRequest.Search search)
    {
        for (long? after = search.After; after is { } from;)
        {
            var page = await request.AskAsync<CollectionReply.Page>(search with { After = from });
            foreach (var entry in page.Resources) yield return entry;
            after = page.Next;
        }
    }

    /// <summary>The resources of a multiget are sent as names.</summary>
    private static XElement WithoutHrefs(XElement root) => new(root.Name, root.Attributes(), root.Elements().Where(element => element.Name != Href));
}

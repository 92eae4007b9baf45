using System.Buffers;
using System.Text;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Scheduling;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Reports;

/// <summary>free-busy-query (RFC 4791 §7.10): the busy times in a calendar as one VFREEBUSY.</summary>
internal static class FreeBusyQueryReport
{
    private const int MostObjects = 100;

    public static async Task AnswerAsync(DavRequest request, DavResource collection, XElement root)
    {
        var range = FreeBusyQueryRequest.Parse(root);
        var zone = FloatingZones.TextOf(collection.Collection!);
        var busy = new FreeBusyBuilder(range, FloatingZones.Read(zone), CalendarLimits.Default);
        for (long? after = 0; after is { } from;)
        {
            var found = await request.AskAsync<CollectionReply.BusyTimes>(
                new CollectionRequest.ListBusyTimes(collection.Collection!.Path, from, range.Start, range.End) { FloatingZone = zone });
            busy.Add(found.Periods);
            if (found.IsCutOff || busy.IsTruncated) throw DavException.Forbidden(WebDav + "number-of-matches-within-limits");
            after = found.Next;
        }

        if (await AvailabilityOf(request, collection) is { } availability) busy.Add(availability);
        var output = new ArrayBufferWriter<byte>();
        busy.Write(output, request.Now);
        request.Http.Response.ContentType = "text/calendar; charset=utf-8";
        request.Http.Response.ContentLength = output.WrittenCount;
        await request.Http.Response.Body.WriteAsync(output.WrittenMemory, request.Cancel);
    }

    /// <summary>The availability set on this calendar or on the calendar home, and the one of objects in the calendar (RFC 7953 §7.2.3).</summary>
    private static async Task<CalendarAvailability?> AvailabilityOf(DavRequest request, DavResource collection)
    {
        var properties = collection.Collection!.Properties;
        if (!properties.ContainsKey(Availability.ToString()) && collection.Requester is null)
            properties = (await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(CollectionPath.HomeOf(CollectionSpace.Calendars), WithBody: false))).Collection!.Properties;
        var all = new List<CalendarAvailability>();
        if (AvailabilityIn(properties) is { } property) all.Add(property);
        if ((collection.Collection!.Components & CalendarComponents.Availability) != 0) await AddStoredAsync(request, collection.Collection.Path, all);
        return CalendarAvailability.Merge(all);
    }

    private static async Task AddStoredAsync(DavRequest request, CollectionPath calendar, List<CalendarAvailability> all)
    {
        for (long? after = 0; after is { } from;)
        {
            var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.Query(calendar, from, QueryPlan.Everything with { Components = CalendarComponents.Availability }));
            foreach (var entry in page.Resources)
                if (CalendarAvailability.TryParse(entry.Body, CalendarLimits.Default, out var stored)) all.Add(stored);
            if (all.Count > MostObjects) throw DavException.Forbidden(WebDav + "number-of-matches-within-limits");
            after = page.Next;
        }
    }

    /// <summary>Parses calendar-availability (RFC 7953 §7.2.4); null if it is not set.</summary>
    public static CalendarAvailability? AvailabilityIn(IReadOnlyDictionary<string, string> properties) =>
        properties.TryGetValue(Availability.ToString(), out var stored)
        && CalendarAvailability.TryParse(Encoding.UTF8.GetBytes(XElement.Parse(stored).Value), CalendarLimits.Default, out var availability)
            ? availability
            : null;
}

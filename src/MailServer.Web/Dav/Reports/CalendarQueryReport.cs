using System.Text;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Reports;

/// <summary>calendar-query (RFC 4791 §7.8): the index preselects by component and time, then the filter is evaluated.</summary>
internal static class CalendarQueryReport
{
    public static async Task AnswerAsync(DavRequest request, DavResource collection, XElement root)
    {
        var query = CalendarQueryRequest.Parse(root);
        var floating = query.TimeZone ?? TimeZoneOf(collection.Collection!);
        var selection = ContentPropertySelector.Select(collection, query.Properties, floating, request);
        var plan = query.Filter.Plan;
        using var answer = DavResponse.Multistatus(request.Http);
        if (request.MemberNameIn(collection) is { } name)
        {
            foreach (var entry in await request.ReadAsync(collection, name))
                if (entry.IsUnreadable || (CalendarObject.TryParse(entry.Body, CalendarLimits.Default, out var only, out _) && query.Filter.Matches(only, floating))) await answer.WriteAsync(DavResource.OfMember(entry, collection), selection);
            await answer.EndAsync();
            return;
        }

        long? after = plan.IsEmpty ? null : 0;
        while (after is { } from)
        {
            var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.Query(collection.Collection!.Path, from, ToPlan(plan)));
            foreach (var entry in page.Resources)
            {
                var matches = plan.IsExact || entry.IsKnownMatch || entry.IsUnreadable
                    || (CalendarObject.TryParse(entry.Body, CalendarLimits.Default, out var calendar, out _) && query.Filter.Matches(calendar, floating));
                if (matches) await answer.WriteAsync(DavResource.OfMember(entry, collection), selection);
            }

            after = page.Next;
        }

        await answer.EndAsync();
    }

    /// <summary>The time zone of the calendar for dates and floating times (RFC 4791 §5.2.2); UTC if none is set.</summary>
    public static CalendarTimeZone TimeZoneOf(CollectionInfo collection)
    {
        if (collection.Properties.TryGetValue(TimeZoneId.ToString(), out var reference) && CalendarTimeZone.TryFind(XElement.Parse(reference).Value.Trim(), out var named)) return named;
        if (!collection.Properties.TryGetValue(CalendarTimeZoneName.ToString(), out var stored)) return CalendarTimeZone.Utc;
        var text = Encoding.UTF8.GetBytes(XElement.Parse(stored).Value);
        return CalendarTimeZone.TryParse(text, CalendarLimits.Default, out var zone) ? zone : CalendarTimeZone.Utc;
    }

    public static QueryPlan ToPlan(Protocol.Calendars.Filters.CalendarFilterPlan plan) => QueryPlan.Everything with
    {
        Components = plan.Component is { } name ? CalendarComponentNames.Parse(name) : CalendarComponents.None,
        First = plan.Range?.Start?.ToUnixTimeSeconds() ?? long.MinValue,
        Last = plan.Range?.End?.ToUnixTimeSeconds() ?? long.MaxValue,
        IsTimeRangeOnly = plan.IsEventRange,
    };
}

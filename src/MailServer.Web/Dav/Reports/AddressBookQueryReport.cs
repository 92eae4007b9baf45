using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;

namespace MailServer.Web.Dav.Reports;

/// <summary>addressbook-query (RFC 6352 §8.6): the contacts that match a filter.</summary>
internal static class AddressBookQueryReport
{
    public static async Task AnswerAsync(DavRequest request, DavResource collection, XElement root)
    {
        var query = AddressBookQueryRequest.Parse(root);
        var selection = ContentPropertySelector.Select(collection, query.Properties, CalendarTimeZone.Utc, request);
        using var answer = DavResponse.Multistatus(request.Http);
        var left = query.Filter.Limit ?? int.MaxValue;
        if (request.MemberNameIn(collection) is { } name)
        {
            foreach (var entry in (await request.ReadAsync(collection, name)).Where(entry => Matches(query.Filter, entry))) await answer.WriteAsync(DavResource.OfMember(entry, collection), selection);
            await answer.EndAsync();
            return;
        }

        long? after = 0;
        while (after is { } from)
        {
            var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.Query(collection.Collection!.Path, from, query.Plan));
            foreach (var entry in page.Resources.Where(entry => Matches(query.Filter, entry)))
            {
                if (left-- == 0)
                {
                    // RFC 6352 §8.6.1
                    Multistatus.Status(answer.Output, collection.Href, 507, "Insufficient Storage");
                    page = page with { Next = null };
                    break;
                }

                await answer.WriteAsync(DavResource.OfMember(entry, collection), selection);
            }

            after = page.Next;
        }

        await answer.EndAsync();
    }

    private static bool Matches(ContactFilter filter, ResourceEntry entry) =>
        entry.IsUnreadable || (ContactCard.TryParse(entry.Body, ContactLimits.Default, out var card, out _) && filter.Matches(card));
}

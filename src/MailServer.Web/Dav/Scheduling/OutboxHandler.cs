using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Xml;
using MailServer.Protocol.Scheduling;
using MailServer.Web.Dav.Reports;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Scheduling;

/// <summary>POST to the outbox (RFC 6638 §5): returns the free-busy times of local accounts. Other users are reported as invalid.</summary>
internal static class OutboxHandler
{
    private const string Success = "2.0;Success";
    private const string InvalidUser = "3.7;Invalid calendar user";
    private const string NoService = "5.3;No scheduling support for user";

    public static bool IsFor(DavRequest request) =>
        request.Owner.Equals(request.Account.Address) && request.Target is DavTarget.StoredResource { Path: { Space: CollectionSpace.Calendars, Names: [SchedulingProperties.Outbox] } };

    public static async Task AnswerAsync(DavRequest request)
    {
        if (request.Http.Request.ContentType?.StartsWith("text/calendar", StringComparison.OrdinalIgnoreCase) != true)
            throw DavException.Forbidden(CalDav + "supported-calendar-data");
        var question = OutboxFreeBusyRequest.Parse(await request.ReadBodyAsync(request.Limits.DavXml, CalDav + "max-resource-size"));
        if (!await request.Services.Directory.MaySendAsAsync(request.Account.Id, question.Organizer, request.Cancel)) throw DavException.Forbidden(CalDav + "valid-organizer");
        if (question.Attendees.Count > request.Limits.FreeBusyUsers) throw DavException.Forbidden(CalDav + "max-attendees-per-instance");

        using var output = new DavXmlWriter();
        output.Raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<C:schedule-response xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">"u8);
        foreach (var attendee in question.Attendees)
        {
            var (status, body) = await AskAsync(request, question, attendee);
            output.Raw("<C:response><C:recipient>"u8).Href(attendee.Written).Raw("</C:recipient><C:request-status>"u8).Text(status).Raw("</C:request-status>"u8);
            if (body is not null) output.Raw("<C:calendar-data>"u8).Text(body).Raw("</C:calendar-data>"u8);
            output.Raw("</C:response>\n"u8);
        }

        output.Raw("</C:schedule-response>\n"u8);
        await DavResponse.SendXmlAsync(request.Http, StatusCodes.Status200OK, output);
    }

    private static async Task<(string Status, byte[]? Body)> AskAsync(DavRequest request, OutboxFreeBusyRequest question, OutboxFreeBusyRequest.RequestedAttendee attendee)
    {
        if (attendee.Address is null) return (InvalidUser, null);
        var account = await FindAsync(request, attendee.Address, 0);
        if (account is null) return (InvalidUser, null);
        try
        {
            var busy = await ReadAsync(request, account.Value, attendee.Address, question);
            return busy is null ? (NoService, null) : (Success, question.Reply(busy, attendee, request.Now));
        }
        catch (DavException)
        {
            return (NoService, null);
        }
    }

    /// <summary>The single local account that an address leads to; null if there is none or several.</summary>
    private static async Task<AccountId?> FindAsync(DavRequest request, EmailAddress address, int depth) =>
        await request.Services.Directory.ResolveAsync(address, request.Cancel) switch
        {
            RecipientResolution.Local local => local.Account,
            RecipientResolution.Alias { Targets: [var only] } when depth < request.Limits.AliasDepth => await FindAsync(request, only, depth + 1),
            _ => null,
        };

    /// <summary>Null if there are more busy times than a response may contain.</summary>
    private static async Task<FreeBusyBuilder?> ReadAsync(DavRequest request, AccountId account, EmailAddress address, OutboxFreeBusyRequest question)
    {
        var home = await AskAsync<CollectionReply.Page>(request, account, new CollectionRequest.List(CollectionPath.HomeOf(CollectionSpace.Calendars), 0, WithProperties: false));
        var busy = new FreeBusyBuilder(question.Range, CalendarTimeZone.Utc, CalendarLimits.Default);
        // Some clients set the availability on the inbox, others on the calendar home.
        foreach (var holder in home.Collections.Where(c => c.Kind == CollectionKind.ScheduleInbox).Append(home.Collection))
        {
            if (FreeBusyQueryReport.AvailabilityIn(holder.Properties) is not { } availability) continue;
            busy.Add(availability);
            break;
        }

        foreach (var calendar in home.Collections.Where(c => c is { Kind: CollectionKind.Calendar, IsGenerated: false } && !SchedulingProperties.IsTransparent(c)))
        {
            for (long? after = 0; after is { } from && !busy.IsTruncated;)
            {
                var found = await AskAsync<CollectionReply.BusyTimes>(request, account, new CollectionRequest.ListBusyTimes(calendar.Path, from, question.Range.Start, question.Range.End)
                {
                    FloatingZone = FloatingZones.TextOf(calendar),
                    Attendee = address,
                });
                busy.Add(found.Periods);
                if (found.IsCutOff) return null;
                after = found.Next;
            }
        }

        return busy.IsTruncated ? null : busy;
    }

    private static async Task<T> AskAsync<T>(DavRequest request, AccountId account, CollectionRequest collectionRequest)
        where T : CollectionReply =>
        await request.Services.Collections.AskAsync(account, collectionRequest, request.Cancel) as T ?? throw new DavException(503, "try again later");
}

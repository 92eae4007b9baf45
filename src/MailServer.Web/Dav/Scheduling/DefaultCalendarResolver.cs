using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;

namespace MailServer.Web.Dav.Scheduling;

/// <summary>
/// Determines schedule-default-calendar-URL (RFC 6638 §9.2): the calendar that the property names, the one with the default name, or the first one. A calendar
/// that was deleted is never named.
/// </summary>
internal static class DefaultCalendarResolver
{
    private const string DefaultName = "calendar";

    /// <summary>The scheduling inbox with its default calendar; any other resource unchanged.</summary>
    public static async Task<DavResource> ResolveAsync(DavRequest request, DavResource resource, PropertySelection selection)
    {
        if (resource is not { Kind: DavResourceKind.ScheduleInbox, Collection: { } inbox } || !selection.Includes(SchedulingProperties.DefaultCalendar)) return resource;
        var key = SchedulingProperties.DefaultCalendar.ToString();
        var wanted = inbox.Properties.TryGetValue(key, out var property) ? SchedulingProperties.ReadDefaultCalendar(property, request.Limits)?.Path : null;
        var calendars = await CandidatesAsync(request);
        var chosen = calendars.FirstOrDefault(c => c.Path.Equals(wanted)) ?? calendars.FirstOrDefault(c => c.Path.Name == DefaultName) ?? (calendars.Count > 0 ? calendars[0] : null);
        var properties = inbox.Properties.Where(p => p.Key != key).ToDictionary(StringComparer.Ordinal);
        return resource with
        {
            Collection = inbox with { Properties = properties },
            DefaultCalendar = chosen is null ? null : DavUrl.HrefOf(request.Owner, chosen.Path, isCollection: true),
        };
    }

    /// <summary>The calendars that can be the default one.</summary>
    public static async Task<IReadOnlyList<CollectionInfo>> CandidatesAsync(DavRequest request)
    {
        var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.List(CollectionPath.HomeOf(CollectionSpace.Calendars), 0, WithProperties: false));
        return [.. page.Collections.Where(c => c is { Kind: CollectionKind.Calendar, Mount: null, IsGenerated: false } && (c.Components & CalendarComponents.Event) != 0)];
    }
}

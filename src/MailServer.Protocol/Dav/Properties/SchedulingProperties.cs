using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>The scheduling properties (RFC 6638 §9): inbox and outbox, default calendar, and the transparency of calendars.</summary>
public static class SchedulingProperties
{
    public static readonly XName DefaultCalendar = CalDav + "schedule-default-calendar-URL";
    public static readonly XName Transparency = CalDav + "schedule-calendar-transp";
    public static readonly XName UserAddresses = CalDav + "calendar-user-address-set";

    /// <summary>The names of the scheduling inbox and outbox in the calendar home.</summary>
    public const string Inbox = "inbox";
    public const string Outbox = "outbox";

    private static readonly CollectionPath Home = CollectionPath.HomeOf(CollectionSpace.Calendars);

    internal static IReadOnlyList<LiveProperty> All { get; } =
    [
        new(CalDav + "schedule-inbox-URL", IsUser, (r, o) => o.Href(DavUrl.HrefOf(r.Owner, Home.Child(Inbox), isCollection: true))),
        new(CalDav + "schedule-outbox-URL", IsUser, (r, o) => o.Href(DavUrl.HrefOf(r.Owner, Home.Child(Outbox), isCollection: true))),
        new(UserAddresses, IsUser, WriteAddresses),
        new(CalDav + "calendar-user-type", r => r.Kind == DavResourceKind.Principal, (_, o) => o.Raw("INDIVIDUAL"u8)),
        new(DefaultCalendar, r => r.DefaultCalendar is not null, (r, o) => o.Href(r.DefaultCalendar!)) { IsSettable = true },
        // A calendar that somebody else shares is no busy time of the guest.
        new(Transparency, r => r.Kind == DavResourceKind.Calendar, (r, o) => o.Raw(r.SharedBy is null ? "<C:opaque/>"u8 : "<C:transparent/>"u8)) { IsSettable = true },
        new(CalDav + "schedule-tag", r => r.Entry?.ScheduleTag is not null, (r, o) => o.Raw("\""u8).Raw(r.Entry!.ScheduleTag!).Raw("\""u8)),
    ];

    /// <summary>The calendar named by the stored property; null if the property does not name a calendar.</summary>
    public static DavTarget.StoredResource? ReadDefaultCalendar(string property, Limits limits) =>
        XElement.Parse(property).Element(Href)?.Value is { } href && DavUrl.PathOf(href) is { } path && DavUrl.TryParse(path, limits, out var target)
        && target is DavTarget.StoredResource { Path: { Space: CollectionSpace.Calendars, Names.Length: 1 } } member
            ? member
            : null;

    /// <summary>True if events in the calendar do not count as busy time (RFC 6638 §9.1).</summary>
    public static bool IsTransparent(CollectionInfo calendar) =>
        calendar.Properties.TryGetValue(Transparency.ToString(), out var property) && XElement.Parse(property).Element(CalDav + "transparent") is not null;

    private static bool IsUser(DavResource resource) => resource.Kind is DavResourceKind.Principal or DavResourceKind.EntryPoint;

    private static void WriteAddresses(DavResource resource, DavXmlWriter output)
    {
        if (resource.Addresses.Count == 0) output.Href($"mailto:{resource.Owner}");
        foreach (var address in resource.Addresses) output.Href($"mailto:{address}");
        output.Href(DavUrl.PrincipalOf(resource.Owner));
    }
}

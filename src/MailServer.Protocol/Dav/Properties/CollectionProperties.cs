using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>Properties of calendars and address books: RFC 4791 §5.2, RFC 6352 §6.2, RFC 6578 §4, RFC 8607 §6, and the ctag of calendarserver.org.</summary>
internal static class CollectionProperties
{
    private const string Collations = "i;ascii-casemap i;octet i;unicode-casemap";

    public static IReadOnlyList<LiveProperty> All { get; } =
    [
        new(SyncTokenName, IsSynchronised, (r, o) => o.Raw(TokenOf(r.Collection!))),
        new(CalendarServer + "getctag", IsSynchronised, (r, o) => o.Raw("\""u8).Raw(TokenOf(r.Collection!)).Raw("\""u8)),
        new(SupportedComponents, IsCalendar, WriteComponents),
        new(CalDav + "supported-calendar-component-sets", IsCalendarHome, WriteComponentSets),
        new(CalDav + "supported-calendar-data", IsCalendar, (_, o) => o.Raw("<C:calendar-data content-type=\"text/calendar\" version=\"2.0\"/>"u8)),
        new(CalDav + "supported-collation-set", IsCalendar, (_, o) => WriteCollations(o, "C")),
        new(CalDav + "min-date-time", IsCalendar, (_, o) => o.Raw(Stamp(CalendarBounds.First))),
        new(CalDav + "max-date-time", IsCalendar, (_, o) => o.Raw(Stamp(CalendarBounds.Last))),
        new(CalDav + "max-instances", IsCalendar, (_, o) => o.Number(CalendarBounds.MaxInstances)),
        new(CalDav + "max-attendees-per-instance", IsCalendar, (_, o) => o.Number(CalendarLimits.Default.MaxAttendees)),
        new(CalDav + "max-attachment-size", IsCalendar, (_, o) => o.Number(Limits.Default.DavAttachment)),
        new(CalDav + "max-attachments-per-resource", IsCalendar, (_, o) => o.Number(Limits.Default.DavAttachments)),
        new(CalDav + "managed-attachments-server-URL", IsCalendarHome, (_, _) => { }),
        new(CalDav + "max-resource-size", IsCalendar, (_, o) => o.Number(Limits.Default.DavResource)),
        new(CardDav + "supported-address-data", IsAddressBook, WriteAddressData),
        new(CardDav + "supported-collation-set", IsAddressBook, (_, o) => WriteCollations(o, "A")),
        new(CardDav + "max-resource-size", IsAddressBook, (r, o) => o.Number(r.MaxContactSize)),
    ];

    public static string TokenOf(CollectionInfo collection) => new SyncToken(collection.Id, collection.ModSeq).ToString();

    private static string Stamp(DateTimeOffset moment) => moment.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static bool IsCalendar(DavResource resource) => resource.Kind == DavResourceKind.Calendar;

    private static bool IsAddressBook(DavResource resource) => resource.Kind == DavResourceKind.AddressBook;

    private static bool IsSynchronised(DavResource resource) => IsCalendar(resource) || resource.Kind == DavResourceKind.ScheduleInbox || IsAddressBook(resource);

    private static bool IsCalendarHome(DavResource resource) =>
        resource is { Kind: DavResourceKind.Home, Collection.Path.Space: CollectionSpace.Calendars };

    private static void WriteComponents(DavResource resource, DavXmlWriter output) => WriteComponents(resource.Collection!.Components, output);

    private static void WriteComponents(CalendarComponents components, DavXmlWriter output)
    {
        foreach (var name in CalendarComponentNames.Of(components)) output.Raw($"<C:comp name=\"{name}\"/>");
    }

    private static void WriteComponentSets(DavResource resource, DavXmlWriter output)
    {
        output.Raw("<C:supported-calendar-component-set>"u8);
        WriteComponents(CalendarComponents.Default, output);
        output.Raw("</C:supported-calendar-component-set>"u8);
    }

    private static void WriteCollations(DavXmlWriter output, string prefix)
    {
        foreach (var collation in Collations.Split(' ')) output.Raw($"<{prefix}:supported-collation>{collation}</{prefix}:supported-collation>");
    }

    private static void WriteAddressData(DavResource resource, DavXmlWriter output)
    {
        foreach (var version in new[] { "3.0", "4.0" })
            output.Raw($"<A:address-data-type content-type=\"text/vcard\" version=\"{version}\"/>");
    }
}

using System.Xml.Linq;
using MailServer.Domain.Collections;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>The reports that each type of resource supports (RFC 3253 §3.1.5).</summary>
public static class SupportedReports
{
    public static readonly XName CalendarQuery = CalDav + "calendar-query";
    public static readonly XName CalendarMultiget = CalDav + "calendar-multiget";
    public static readonly XName FreeBusyQuery = CalDav + "free-busy-query";
    public static readonly XName AddressBookQuery = CardDav + "addressbook-query";
    public static readonly XName AddressBookMultiget = CardDav + "addressbook-multiget";
    public static readonly XName SyncCollection = WebDav + "sync-collection";

    public static readonly XName PrincipalMatch = WebDav + "principal-match";
    public static readonly XName PrincipalSearchPropertySet = WebDav + "principal-search-property-set";
    public static readonly XName PrincipalPropertySearch = WebDav + "principal-property-search";
    public static readonly XName PrincipalTokenSearch = CalendarServer + "calendarserver-principal-search";
    public static readonly XName ExpandProperty = WebDav + "expand-property";
    public static readonly XName AclPrincipals = WebDav + "acl-principal-prop-set";

    /// <summary>Reports about principals, which every resource supports (RFC 3744 §9, RFC 3253 §3.8).</summary>
    private static readonly XName[] OfPrincipals =
        [PrincipalMatch, PrincipalPropertySearch, PrincipalTokenSearch, PrincipalSearchPropertySet, AclPrincipals, ExpandProperty];

    public static IReadOnlyList<XName> Of(DavResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        // RFC 4791 §7.8: a query with Depth: infinity searches all calendars below.
        return resource is { Kind: DavResourceKind.Home, Collection.Path.Space: CollectionSpace.Calendars } ? [CalendarQuery, .. OfPrincipals] : Of(resource.Kind);
    }

    private static XName[] Of(DavResourceKind kind) => kind switch
    {
        DavResourceKind.Calendar => [SyncCollection, CalendarQuery, CalendarMultiget, FreeBusyQuery, .. OfPrincipals],
        DavResourceKind.ScheduleInbox => [SyncCollection, CalendarQuery, CalendarMultiget, .. OfPrincipals],
        DavResourceKind.AddressBook => [SyncCollection, AddressBookQuery, AddressBookMultiget, .. OfPrincipals],
        DavResourceKind.Notifications => [SyncCollection, .. OfPrincipals],
        // RFC 4791 §7, RFC 6352 §8: these reports also apply to a single resource.
        DavResourceKind.CalendarObject => [CalendarQuery, CalendarMultiget, .. OfPrincipals],
        DavResourceKind.Contact => [AddressBookQuery, AddressBookMultiget, .. OfPrincipals],
        _ => OfPrincipals,
    };
}

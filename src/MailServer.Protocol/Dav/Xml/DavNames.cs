using System.Xml.Linq;

namespace MailServer.Protocol.Dav.Xml;

/// <summary>The XML namespaces of WebDAV and its extensions, and the element names used in several files.</summary>
public static class DavNames
{
    public static readonly XNamespace WebDav = "DAV:";
    public static readonly XNamespace CalDav = "urn:ietf:params:xml:ns:caldav";
    public static readonly XNamespace CardDav = "urn:ietf:params:xml:ns:carddav";
    public static readonly XNamespace CalendarServer = "http://calendarserver.org/ns/";
    public static readonly XNamespace Push = "https://bitfire.at/webdav-push";
    public static readonly XNamespace Apple = "http://apple.com/ns/ical/";

    public static readonly XName Prop = WebDav + "prop";
    public static readonly XName Href = WebDav + "href";
    public static readonly XName ResourceType = WebDav + "resourcetype";
    public static readonly XName Collection = WebDav + "collection";
    public static readonly XName DisplayName = WebDav + "displayname";
    public static readonly XName SyncTokenName = WebDav + "sync-token";
    public static readonly XName LockDiscovery = WebDav + "lockdiscovery";
    public static readonly XName QuotaUsed = WebDav + "quota-used-bytes";
    public static readonly XName QuotaAvailable = WebDav + "quota-available-bytes";
    public static readonly XName CalendarType = CalDav + "calendar";
    public static readonly XName CalendarDataName = CalDav + "calendar-data";
    public static readonly XName CalendarTimeZoneName = CalDav + "calendar-timezone";
    public static readonly XName TimeZoneId = CalDav + "calendar-timezone-id";
    public static readonly XName Availability = CalDav + "calendar-availability";
    public static readonly XName SupportedComponents = CalDav + "supported-calendar-component-set";
    public static readonly XName Filter = CalDav + "filter";
    public static readonly XName AddressBookType = CardDav + "addressbook";
    public static readonly XName AddressData = CardDav + "address-data";

    /// <summary>The prefix of a namespace in responses; null for unknown namespaces.</summary>
    public static string? PrefixOf(XNamespace space) =>
        space == WebDav ? "D" : space == CalDav ? "C" : space == CardDav ? "A" : space == CalendarServer ? "S" : space == Apple ? "I" : space == Push ? "P" : null;
}

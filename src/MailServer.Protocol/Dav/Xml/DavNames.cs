using System.Xml.Linq;

namespace MailServer.Protocol.Dav.Xml;

/// <summary>The namespaces of WebDAV and its extensions, and the names that more than one file needs.</summary>
public static class DavNames
{
    public static readonly XNamespace Dav = "DAV:";
    public static readonly XNamespace CalDav = "urn:ietf:params:xml:ns:caldav";
    public static readonly XNamespace CardDav = "urn:ietf:params:xml:ns:carddav";
    public static readonly XNamespace CalendarServer = "http://calendarserver.org/ns/";
    public static readonly XNamespace Apple = "http://apple.com/ns/ical/";

    public static readonly XName Prop = Dav + "prop";
    public static readonly XName Href = Dav + "href";
    public static readonly XName ResourceType = Dav + "resourcetype";
    public static readonly XName Collection = Dav + "collection";
    public static readonly XName DisplayName = Dav + "displayname";
    public static readonly XName SyncToken = Dav + "sync-token";
    public static readonly XName LockDiscovery = Dav + "lockdiscovery";
    public static readonly XName QuotaUsed = Dav + "quota-used-bytes";
    public static readonly XName QuotaAvailable = Dav + "quota-available-bytes";
    public static readonly XName Calendar = CalDav + "calendar";
    public static readonly XName CalendarData = CalDav + "calendar-data";
    public static readonly XName CalendarTimeZone = CalDav + "calendar-timezone";
    public static readonly XName SupportedComponents = CalDav + "supported-calendar-component-set";
    public static readonly XName Filter = CalDav + "filter";
    public static readonly XName AddressBook = CardDav + "addressbook";
    public static readonly XName AddressData = CardDav + "address-data";

    /// <summary>The prefix that our answers bind to a namespace; null for those of others.</summary>
    public static string? PrefixOf(XNamespace space) =>
        space == Dav ? "D" : space == CalDav ? "C" : space == CardDav ? "A" : space == CalendarServer ? "S" : space == Apple ? "I" : null;
}

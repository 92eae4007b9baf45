using System.Xml.Linq;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>Which reports a resource answers (RFC 3253 §3.1.5).</summary>
public static class SupportedReports
{
    public static readonly XName CalendarQuery = CalDav + "calendar-query";
    public static readonly XName CalendarMultiget = CalDav + "calendar-multiget";
    public static readonly XName FreeBusyQuery = CalDav + "free-busy-query";
    public static readonly XName AddressBookQuery = CardDav + "addressbook-query";
    public static readonly XName AddressBookMultiget = CardDav + "addressbook-multiget";
    public static readonly XName SyncCollection = WebDav + "sync-collection";

    public static IReadOnlyList<XName> Of(DavKind kind) => kind switch
    {
        DavKind.Calendar => [SyncCollection, CalendarQuery, CalendarMultiget, FreeBusyQuery],
        DavKind.ScheduleInbox => [SyncCollection, CalendarQuery, CalendarMultiget],
        DavKind.AddressBook => [SyncCollection, AddressBookQuery, AddressBookMultiget],
        _ => [],
    };
}

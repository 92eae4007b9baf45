using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>The type of a resource, which decides what properties it has.</summary>
public enum DavResourceKind
{
    EntryPoint,
    Principals,
    Principal,
    Home,
    Calendar,
    AddressBook,
    Folder,
    ScheduleInbox,
    ScheduleOutbox,

    /// <summary>The notification collection of an account (calendarserver.org).</summary>
    Notifications,

    CalendarObject,
    Contact,
    File,
    Notification,
}

/// <summary>A resource with the data from which its properties are written.</summary>
public sealed record DavResource
{
    /// <summary>The percent-encoded URL path.</summary>
    public required string Href { get; init; }

    public required DavResourceKind Kind { get; init; }

    /// <summary>The account whose home contains the resource.</summary>
    public required EmailAddress Owner { get; init; }

    /// <summary>The authenticated account, if it is not <see cref="Owner"/>.</summary>
    public EmailAddress? Requester { get; init; }

    /// <summary>The account that shared the collection with <see cref="Owner"/>; null if it is not shared.</summary>
    public EmailAddress? SharedBy { get; init; }

    /// <summary>The access of the authenticated account.</summary>
    public CollectionAccess Access { get; init; } = CollectionAccess.Owner;

    public CollectionInfo? Collection { get; init; }

    public ResourceEntry? Entry { get; init; }

    /// <summary>The XML value of <c>notificationtype</c>; only for notifications.</summary>
    public string? NotificationType { get; init; }

    /// <summary>All addresses of the account; empty if they were not requested.</summary>
    public IReadOnlyList<EmailAddress> Addresses { get; init; } = [];

    public CollectionReply.Quota? Quota { get; init; }

    public IReadOnlyList<ResourceLock> Locks { get; init; } = [];

    /// <summary>The push capability; null if push is not available for the resource.</summary>
    public PushCapability? Push { get; init; }

    /// <summary>The largest size of a contact in octets (CARDDAV:max-resource-size).</summary>
    public int MaxContactSize { get; init; } = Limits.Default.DavContact;

    /// <summary>Guests who have not answered their invitation to the collection; empty if they were not requested.</summary>
    public IReadOnlyList<CollectionGrant> Unanswered { get; init; } = [];

    /// <summary>The URL of the calendar for new invitations; null if there is none or it was not requested.</summary>
    public string? DefaultCalendar { get; init; }

    /// <summary>The time when <see cref="Locks"/> were read.</summary>
    public DateTimeOffset Now { get; init; }

    public bool IsCollection => Kind < DavResourceKind.CalendarObject;

    /// <summary>True if the resource is stored in an account's collections and can be changed.</summary>
    public bool IsStored => Collection is not null || Entry is not null;

    /// <summary>The properties set by clients.</summary>
    public IReadOnlyDictionary<string, string>? DeadProperties => Entry?.Properties ?? Collection?.Properties;

    public static DavResource Of(CollectionInfo collection, EmailAddress owner) => new()
    {
        Href = DavUrl.HrefOf(owner, collection.Path, isCollection: true),
        Kind = KindOf(collection),
        Owner = owner,
        Collection = collection,
    };

    /// <param name="entry">The resource.</param>
    /// <param name="parent">The collection that contains it, from <see cref="Of(CollectionInfo, EmailAddress)"/>.</param>
    public static DavResource OfMember(ResourceEntry entry, DavResource parent) => new()
    {
        Href = parent.Href + DavUrl.Encode(entry.Name),
        Kind = parent.Kind switch
        {
            DavResourceKind.Calendar or DavResourceKind.ScheduleInbox => DavResourceKind.CalendarObject,
            DavResourceKind.AddressBook => DavResourceKind.Contact,
            DavResourceKind.Notifications => DavResourceKind.Notification,
            _ => DavResourceKind.File,
        },
        Owner = parent.Owner,
        Requester = parent.Requester,
        SharedBy = parent.SharedBy,
        Access = parent.Access,
        Entry = entry,
    };

    private static DavResourceKind KindOf(CollectionInfo collection) => collection.Kind switch
    {
        CollectionKind.Calendar => DavResourceKind.Calendar,
        CollectionKind.AddressBook => DavResourceKind.AddressBook,
        CollectionKind.Home => DavResourceKind.Home,
        CollectionKind.ScheduleInbox => DavResourceKind.ScheduleInbox,
        CollectionKind.ScheduleOutbox => DavResourceKind.ScheduleOutbox,
        _ => DavResourceKind.Folder,
    };
}

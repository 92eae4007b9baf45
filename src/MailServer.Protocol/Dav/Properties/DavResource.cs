using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Push;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>What a resource is to a client; it decides which properties it has.</summary>
public enum DavKind
{
    Entry,
    Principals,
    Principal,
    Home,
    Calendar,
    AddressBook,
    Folder,
    ScheduleInbox,
    ScheduleOutbox,

    /// <summary>What the account is to be told of (calendarserver.org).</summary>
    Notifications,

    CalendarObject,
    Contact,
    File,
    Notification,
}

/// <summary>A resource as properties see it: where it is, what it is, and what was read of it.</summary>
public sealed record DavResource
{
    /// <summary>Percent-encoded.</summary>
    public required string Href { get; init; }

    public required DavKind Kind { get; init; }

    /// <summary>The account in whose homes it stands.</summary>
    public required EmailAddress Owner { get; init; }

    /// <summary>The account that asks, where that is not <see cref="Owner"/>.</summary>
    public EmailAddress? Asker { get; init; }

    /// <summary>Whose it really is, where that is not <see cref="Owner"/>.</summary>
    public EmailAddress? SharedBy { get; init; }

    /// <summary>What the account that asks may do with it.</summary>
    public CollectionAccess Access { get; init; } = CollectionAccess.Owner;

    public CollectionInfo? Collection { get; init; }

    public ResourceEntry? Entry { get; init; }

    /// <summary>Every address of the account, when they were asked for.</summary>
    public IReadOnlyList<EmailAddress> Addresses { get; init; } = [];

    public CollectionReply.Quota? Quota { get; init; }

    public IReadOnlyList<ResourceLock> Locks { get; init; } = [];

    /// <summary>Null where nobody can be told of changes.</summary>
    public PushOffer? Push { get; init; }

    /// <summary>When <see cref="Locks"/> were read.</summary>
    public DateTimeOffset Now { get; init; }

    public bool IsCollection => Kind < DavKind.CalendarObject;

    /// <summary>Lies in an account's spaces, so that it can be changed.</summary>
    public bool IsStored => Collection is not null || Entry is not null;

    /// <summary>What clients have set on it.</summary>
    public IReadOnlyDictionary<string, string>? DeadProperties => Entry?.Properties ?? Collection?.Properties;

    public static DavResource Of(CollectionInfo collection, EmailAddress owner) => new()
    {
        Href = DavUrl.HrefOf(owner, collection.Path, isCollection: true),
        Kind = KindOf(collection),
        Owner = owner,
        Collection = collection,
    };

    /// <param name="entry">A resource.</param>
    /// <param name="parent">What holds it, as <see cref="Of(CollectionInfo, EmailAddress)"/> describes it.</param>
    public static DavResource Member(ResourceEntry entry, DavResource parent) => new()
    {
        Href = parent.Href + DavUrl.Encode(entry.Name),
        Kind = parent.Kind switch
        {
            DavKind.Calendar or DavKind.ScheduleInbox => DavKind.CalendarObject,
            DavKind.AddressBook => DavKind.Contact,
            DavKind.Notifications => DavKind.Notification,
            _ => DavKind.File,
        },
        Owner = parent.Owner,
        Asker = parent.Asker,
        SharedBy = parent.SharedBy,
        Access = parent.Access,
        Entry = entry,
    };

    private static DavKind KindOf(CollectionInfo collection) => collection.Kind switch
    {
        CollectionKind.Calendar => DavKind.Calendar,
        CollectionKind.AddressBook => DavKind.AddressBook,
        CollectionKind.Home => DavKind.Home,
        CollectionKind.ScheduleInbox => DavKind.ScheduleInbox,
        CollectionKind.ScheduleOutbox => DavKind.ScheduleOutbox,
        _ => DavKind.Folder,
    };
}

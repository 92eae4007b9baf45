namespace MailServer.Domain.Collections;

/// <summary>Answers to <see cref="CollectionRequest"/>.</summary>
public abstract record CollectionReply
{
    private CollectionReply() { }

    /// <summary>Nothing was changed.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Path">What it is about, where that is not what was asked for.</param>
    public sealed record Refused(CollectionRefusal Reason, CollectionPath? Path = null) : CollectionReply;

    public sealed record Done : CollectionReply
    {
        public static Done Instance { get; } = new();
    }

    /// <summary>One of the two is there. <paramref name="Parent"/> is the collection that holds the resource.</summary>
    public sealed record Found(CollectionInfo? Collection, ResourceEntry? Resource, CollectionInfo? Parent) : CollectionReply;

    /// <param name="Collection">The collection itself.</param>
    /// <param name="Collections">The collections in it, on the first page.</param>
    /// <param name="Resources">Resources of this page.</param>
    /// <param name="Next">What to ask the next page after; null at the end.</param>
    public sealed record Page(CollectionInfo Collection, IReadOnlyList<CollectionInfo> Collections, IReadOnlyList<ResourceEntry> Resources, long? Next) : CollectionReply;

    /// <param name="Collection">The collection itself.</param>
    /// <param name="Changed">Resources that are new or changed.</param>
    /// <param name="Removed">Names of resources that are gone.</param>
    /// <param name="ReachedModSeq">Everything up to here has been told.</param>
    /// <param name="UpTo">The mod-sequence at which the first page was asked for.</param>
    /// <param name="More">There is another page.</param>
    public sealed record Changes(
        CollectionInfo Collection, IReadOnlyList<ResourceEntry> Changed, IReadOnlyList<string> Removed, long ReachedModSeq, long UpTo, bool More) : CollectionReply;

    public sealed record Stored(string ETag, bool Created) : CollectionReply
    {
        /// <summary>See <see cref="ResourceEntry.ScheduleTag"/>.</summary>
        public string? ScheduleTag { get; init; }

        /// <summary>What is stored is not octet for octet what was sent.</summary>
        public bool Rewritten { get; init; }
    }

    /// <param name="Lock">The lock, as it now is.</param>
    /// <param name="Created">Nothing was there: an empty file is now.</param>
    public sealed record Locked(ResourceLock Lock, bool Created) : CollectionReply;

    public sealed record Locks(IReadOnlyList<ResourceLock> Active) : CollectionReply;

    public sealed record Quota(long Used, long Available) : CollectionReply;

    /// <summary>What a check found, and what a repair did about it; for people, bounded.</summary>
    public sealed record Checked(IReadOnlyList<string> Problems) : CollectionReply;

    /// <summary>Another account's collection is there: ask it (<see cref="CollectionInfo.Mount"/>).</summary>
    public sealed record Elsewhere(CollectionInfo Here) : CollectionReply;

    public sealed record AttachmentFound(Attachment Attachment) : CollectionReply;

    /// <summary>The registration as it is kept.</summary>
    public sealed record Subscribed(PushSubscription Subscription) : CollectionReply;

    /// <summary>Calendars that can be read by who knows a secret.</summary>
    public sealed record Links(IReadOnlyList<CollectionLink> Active) : CollectionReply;
}

/// <summary>A secret by which anyone may read a calendar.</summary>
public sealed record CollectionLink(CollectionPath Path, string Secret, DateTimeOffset Created);

/// <summary>Why collections did not do what was asked.</summary>
public enum CollectionRefusal
{
    NotFound,

    /// <summary>The collection that should hold it is not there (409).</summary>
    ParentMissing,

    /// <summary>Something is there already (405 for a new collection, 412 for Overwrite: F).</summary>
    Exists,

    PreconditionFailed,

    /// <summary>Another resource of the collection has this UID.</summary>
    UidConflict,

    /// <summary>The calendar does not take this type of component.</summary>
    ComponentNotSupported,

    /// <summary>Such a thing cannot be there: a calendar in a calendar, a contact among events, a home to be removed.</summary>
    WrongPlace,

    /// <summary>A collection is there where a resource is meant.</summary>
    IsCollection,

    /// <summary>A lock that the request does not name is in the way.</summary>
    Locked,

    /// <summary>Another lock excludes this one.</summary>
    LockConflict,

    /// <summary>The lock token to be removed or prolonged does not cover the path.</summary>
    LockUnknown,

    SyncTokenInvalid,

    QuotaExceeded,

    /// <summary>More collections, resources or properties than an account may have.</summary>
    TooMany,

    /// <summary>The disk or the database failed; nothing was done.</summary>
    Unavailable,

    /// <summary>The account may not do this here.</summary>
    Denied,

    /// <summary>The account has a scheduling object with this UID in another place (RFC 6638 §3.2.4.1).</summary>
    ScheduledElsewhere,

    /// <summary>The components name several organizers (RFC 6638 §3.2.4.2).</summary>
    OrganizersDiffer,

    /// <summary>An organizer may not do this to the object (RFC 6638 §3.2.4.3).</summary>
    OrganizerChangeNotAllowed,

    /// <summary>An attendee may not do this to their copy (RFC 6638 §3.2.4.4).</summary>
    AttendeeChangeNotAllowed,
}

namespace MailServer.Domain.Collections;

/// <summary>A reply to a <see cref="CollectionRequest"/>.</summary>
public abstract record CollectionReply
{
    private CollectionReply() { }

    /// <summary>The request was refused; nothing was changed.</summary>
    /// <param name="Reason">The reason.</param>
    /// <param name="Path">The path concerned, if it differs from the requested path.</param>
    public sealed record Refused(CollectionRefusal Reason, CollectionPath? Path = null) : CollectionReply;

    public sealed record Done : CollectionReply
    {
        public static Done Instance { get; } = new();
    }

    /// <summary>The requested item: either a collection or a resource. <paramref name="Parent"/> is the collection that contains it.</summary>
    public sealed record ItemFound(CollectionInfo? Collection, ResourceEntry? Resource, CollectionInfo? Parent) : CollectionReply;

    /// <param name="Collection">The listed collection.</param>
    /// <param name="Collections">Its child collections, on the first page.</param>
    /// <param name="Resources">Resources of this page.</param>
    /// <param name="Next">Continuation value for the next page; null at the end.</param>
    public sealed record Page(CollectionInfo Collection, IReadOnlyList<CollectionInfo> Collections, IReadOnlyList<ResourceEntry> Resources, long? Next) : CollectionReply;

    /// <param name="Periods">Busy times, clipped to the range.</param>
    /// <param name="IsCutOff">True if there are more than a report may show (<c>number-of-matches-within-limits</c>).</param>
    /// <param name="Next">Continuation value for the next page; null at the end.</param>
    public sealed record BusyTimes(IReadOnlyList<BusyPeriod> Periods, bool IsCutOff, long? Next) : CollectionReply;

    /// <param name="Collection">The synchronised collection.</param>
    /// <param name="Changed">New and changed resources.</param>
    /// <param name="Removed">Names of removed resources.</param>
    /// <param name="ReachedModSeq">All changes up to this mod-sequence have been returned.</param>
    /// <param name="UpTo">The mod-sequence of the collection when the first page was requested.</param>
    /// <param name="More">True if there are more pages.</param>
    public sealed record Changes(
        CollectionInfo Collection, IReadOnlyList<ResourceEntry> Changed, IReadOnlyList<string> Removed, long ReachedModSeq, long UpTo, bool More) : CollectionReply;

    /// <summary>The content is not what the collection stores.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Reason">An explanation for logs and errors.</param>
    /// <param name="Condition">The failed precondition in Clark notation; null if there is none.</param>
    public sealed record Invalid(int Status, string Reason, string? Condition) : CollectionReply;

    public sealed record Stored(string ETag, bool Created) : CollectionReply
    {
        /// <summary>See <see cref="ResourceEntry.ScheduleTag"/>.</summary>
        public string? ScheduleTag { get; init; }

        /// <summary>True if the stored body differs from the body that was sent.</summary>
        public bool Rewritten { get; init; }
    }

    /// <param name="Lock">The lock in its current state.</param>
    /// <param name="Created">True if an empty file was created because the path did not exist.</param>
    public sealed record Locked(ResourceLock Lock, bool Created) : CollectionReply;

    public sealed record Locks(IReadOnlyList<ResourceLock> Active) : CollectionReply;

    public sealed record Quota(long Used, long Available) : CollectionReply;

    /// <summary>The results of a check and repair, as text; bounded.</summary>
    public sealed record CheckResult(IReadOnlyList<string> Problems) : CollectionReply;

    /// <summary>The path belongs to a shared collection of another account; the request must be sent to its owner (<see cref="CollectionInfo.Mount"/>).</summary>
    public sealed record Mounted(CollectionInfo Here) : CollectionReply;

    public sealed record AttachmentFound(ManagedAttachment Attachment) : CollectionReply;

    public sealed record AttachmentUses(IReadOnlyList<AttachmentUse> Uses) : CollectionReply;

    /// <summary>The subscription as stored.</summary>
    public sealed record Subscribed(PushSubscription Subscription) : CollectionReply;

    /// <summary>The notices about shares, oldest first.</summary>
    public sealed record Notices(IReadOnlyList<SharingNotice> All) : CollectionReply;

    /// <summary>Secret links to calendars.</summary>
    public sealed record Links(IReadOnlyList<CollectionLink> Active) : CollectionReply;
}

/// <summary>A secret link that gives anyone read access to a calendar.</summary>
public sealed record CollectionLink(CollectionPath Path, string Secret, DateTimeOffset Created);

/// <summary>The reasons for which a collection request is refused.</summary>
public enum CollectionRefusal
{
    NotFound,

    /// <summary>The parent collection does not exist (409).</summary>
    ParentMissing,

    /// <summary>The target exists already (405 for a new collection, 412 for Overwrite: F).</summary>
    Exists,

    PreconditionFailed,

    /// <summary>Another resource of the collection has the same UID.</summary>
    UidConflict,

    /// <summary>The calendar does not accept this component type.</summary>
    ComponentNotSupported,

    /// <summary>The item is not allowed here: a calendar in a calendar, a contact among events, removal of a home.</summary>
    WrongPlace,

    /// <summary>The path is a collection, but a resource is required.</summary>
    IsCollection,

    /// <summary>The path is locked, and the request does not submit the lock token.</summary>
    Locked,

    /// <summary>A conflicting lock exists.</summary>
    LockConflict,

    /// <summary>The lock token to be removed or refreshed does not cover the path.</summary>
    LockUnknown,

    SyncTokenInvalid,

    QuotaExceeded,

    /// <summary>A limit on collections, resources or properties was reached.</summary>
    TooMany,

    /// <summary>The disk or the database failed; nothing was changed.</summary>
    Unavailable,

    /// <summary>The account lacks permission.</summary>
    Denied,

    /// <summary>The account has a scheduling object with this UID elsewhere (RFC 6638 §3.2.4.1).</summary>
    ScheduledElsewhere,

    /// <summary>The components have different organizers (RFC 6638 §3.2.4.2).</summary>
    OrganizersDiffer,

    /// <summary>The change is not allowed for an organizer (RFC 6638 §3.2.4.3).</summary>
    OrganizerChangeNotAllowed,

    /// <summary>The change is not allowed for an attendee (RFC 6638 §3.2.4.4).</summary>
    AttendeeChangeNotAllowed,

    /// <summary>The object names a managed attachment that the account does not have (RFC 8607).</summary>
    ManagedIdUnknown,
}

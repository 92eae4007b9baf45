using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Collections;

/// <summary>A request to the collections of one account.</summary>
public abstract record CollectionRequest
{
    private CollectionRequest() { }

    /// <summary>The account on whose behalf the request is made, limited to the access that it was granted; null for the owner.</summary>
    public AccountId? Sharee { get; init; }

    /// <summary>A request that changes something. The reply is sent when the change is durable.</summary>
    public abstract record Change : CollectionRequest
    {
        private protected Change() { }

        public Preconditions Conditions { get; init; } = Preconditions.None;

        /// <summary>Push subscriptions of the requesting account that are not notified, because their client made the change. <see cref="AllOwnSubscriptions"/> stands for all of them.</summary>
        public IReadOnlyList<string> SuppressedSubscriptions { get; init; } = [];

        /// <summary>Stands for every subscription of the requesting account in <see cref="SuppressedSubscriptions"/>.</summary>
        public const string AllOwnSubscriptions = "*";
    }

    /// <summary>Finds a collection or resource. Reply: <see cref="CollectionReply.ItemFound"/>.</summary>
    public sealed record Find(CollectionPath Path, bool WithBody) : CollectionRequest;

    /// <summary>Lists a page of the resources of a collection, with its child collections on the first page. Reply: <see cref="CollectionReply.Page"/>.</summary>
    /// <param name="Path">The collection.</param>
    /// <param name="After">The <see cref="ResourceEntry.Id"/> at the end of the previous page; 0 for the first page.</param>
    /// <param name="WithProperties">True to include dead properties.</param>
    public sealed record List(CollectionPath Path, long After, bool WithProperties) : CollectionRequest;

    /// <summary>Lists a page of the resources that may match a filter, with their bodies. Reply: <see cref="CollectionReply.Page"/>.</summary>
    public sealed record Query(CollectionPath Path, long After, QueryPlan Plan) : CollectionRequest;

    /// <summary>
    /// Lists a page of the resources that a report selects from one collection, in the requested form (RFC 4791 §7.8, §7.9; RFC 6352 §8.6, §8.7). The actor of
    /// the collection evaluates the report. Reply: <see cref="CollectionReply.Page"/>; a page may be empty although more pages follow.
    /// </summary>
    /// <param name="Path">The collection.</param>
    /// <param name="After">The <see cref="CollectionReply.Page.Next"/> of the previous page; 0 for the first page.</param>
    /// <param name="Report">The report as XML. The format is defined by its RFC, so nodes of different versions understand each other.</param>
    public sealed record Search(CollectionPath Path, long After, ReadOnlyMemory<byte> Report) : CollectionRequest
    {
        /// <summary>Selects from these resources only, on one page; null: from the whole collection.</summary>
        public IReadOnlyList<string>? Names { get; init; }

        /// <summary>The time zone of dates and floating times unless the report has its own: a name of the time zone database or a VTIMEZONE; null: UTC.</summary>
        public string? FloatingZone { get; init; }

        public ZoneDefinitions Zones { get; init; }
    }

    /// <summary>Lists a page of the busy times of a calendar, evaluated by the actor of the calendar. Reply: <see cref="CollectionReply.BusyTimes"/>.</summary>
    /// <param name="Path">The calendar.</param>
    /// <param name="After">The <see cref="CollectionReply.BusyTimes.Next"/> of the previous page; 0 for the first page.</param>
    /// <param name="Start">Start of the range; null: open.</param>
    /// <param name="End">End of the range; null: open.</param>
    public sealed record ListBusyTimes(CollectionPath Path, long After, DateTimeOffset? Start, DateTimeOffset? End) : CollectionRequest
    {
        /// <summary>See <see cref="Search.FloatingZone"/>.</summary>
        public string? FloatingZone { get; init; }

        /// <summary>The address of the user; events that they declined are free. Null: all events count.</summary>
        public EmailAddress? Attendee { get; init; }
    }

    /// <summary>Reads resources by name, optionally with their bodies; missing ones are omitted. Reply: <see cref="CollectionReply.Page"/>.</summary>
    public sealed record ReadMany(CollectionPath Path, IReadOnlyList<string> Names, bool WithBody) : CollectionRequest;

    /// <summary>Lists a page of the changes of a collection. Reply: <see cref="CollectionReply.Changes"/>.</summary>
    /// <param name="Path">The collection.</param>
    /// <param name="Collection">The <see cref="CollectionInfo.Id"/> of the sync token; null for the initial synchronisation.</param>
    /// <param name="After">Lower bound of the mod-sequence, exclusive.</param>
    /// <param name="UpTo">Upper bound of the mod-sequence, inclusive; null on the first page.</param>
    /// <param name="Limit">Maximum number of entries.</param>
    public sealed record Synchronise(CollectionPath Path, long? Collection, long After, long? UpTo, int Limit) : CollectionRequest;

    /// <summary>Lists the locks that cover a path or lie below it. Reply: <see cref="CollectionReply.Locks"/>.</summary>
    public sealed record FindLocks(CollectionPath Path) : CollectionRequest;

    /// <summary>Returns used and available octets. Reply: <see cref="CollectionReply.Quota"/>.</summary>
    public sealed record GetQuota : CollectionRequest;

    /// <summary>Writes a copy of the database to a new file <paramref name="File"/>, for a backup. Reply: <see cref="CollectionReply.Done"/>.</summary>
    public sealed record MakeCopy(string File) : CollectionRequest;

    /// <summary>Checks the database for damage; salvages the readable rows if <paramref name="Repair"/> is true. Reply: <see cref="CollectionReply.CheckResult"/>.</summary>
    public sealed record Check(bool Repair) : CollectionRequest;

    /// <summary>
    /// Stores a resource as a client sent it. The actor of the collection parses it and makes a <see cref="Put"/> of it. Reply: <see cref="CollectionReply.Stored"/>, or
    /// <see cref="CollectionReply.Invalid"/>.
    /// </summary>
    /// <param name="Path">The resource.</param>
    /// <param name="Body">Its content.</param>
    /// <param name="ContentType">The media type that the client named; null if it named none.</param>
    public sealed record Upload(CollectionPath Path, ReadOnlyMemory<byte> Body, string? ContentType) : Change
    {
        /// <summary>See <see cref="Put.Attachment"/>.</summary>
        public ManagedAttachment? Attachment { get; init; }
    }

    /// <summary>Stores a resource. Reply: <see cref="CollectionReply.Stored"/>.</summary>
    public sealed record Put(CollectionPath Path, NewResource Resource) : Change
    {
        /// <summary>A new managed attachment that the resource refers to.</summary>
        public ManagedAttachment? Attachment { get; init; }
    }

    /// <summary>Removes a resource, or a collection with its contents. Reply: <see cref="CollectionReply.Done"/>.</summary>
    public sealed record Delete(CollectionPath Path) : Change
    {
        /// <summary>True if no reply is sent to organizers (Schedule-Reply: F, RFC 6638 §8.1).</summary>
        public bool Silent { get; init; }
    }

    /// <summary>Creates a collection. Reply: <see cref="CollectionReply.Done"/>.</summary>
    public sealed record MakeCollection(CollectionPath Path, CollectionKind Kind, CalendarComponents Components, IReadOnlyDictionary<string, string> Properties) : Change;

    /// <summary>Sets properties (XML elements) or removes them (null) by name in Clark notation. Reply: <see cref="CollectionReply.Done"/>.</summary>
    public sealed record SetProperties(CollectionPath Path, IReadOnlyList<KeyValuePair<string, string?>> Properties) : Change;

    /// <summary>Copies or moves an item (COPY, MOVE). Reply: <see cref="CollectionReply.Stored"/>.</summary>
    public sealed record Transfer(CollectionPath From, CollectionPath To, bool Move, bool Overwrite, bool Deep) : Change;

    /// <summary>Locks a path; creates an empty file if it does not exist. Reply: <see cref="CollectionReply.Locked"/>.</summary>
    public sealed record Lock(CollectionPath Path, string Token, bool Exclusive, bool Deep, string Owner, TimeSpan Timeout) : Change;

    /// <summary>Refreshes the lock named by the conditions. Reply: <see cref="CollectionReply.Locked"/>.</summary>
    public sealed record RefreshLock(CollectionPath Path, TimeSpan Timeout) : Change;

    /// <summary>Removes a lock. Reply: <see cref="CollectionReply.Done"/>.</summary>
    public sealed record Unlock(CollectionPath Path, string Token) : Change;

    /// <summary>
    /// Shares a calendar or address book with the <paramref name="Granted"/> accounts and ends the
    /// shares of the <paramref name="Revoked"/> ones. Reply: <see cref="CollectionReply.ItemFound"/>.
    /// </summary>
    public sealed record SetGrants(CollectionPath Path, IReadOnlyList<CollectionGrant> Granted, IReadOnlyList<AccountId> Revoked) : Change;

    /// <summary>Adds a shared collection to the home of the sharee, or updates it. Reply: <see cref="CollectionReply.ItemFound"/>.</summary>
    /// <param name="Name">Preferred name in the home.</param>
    /// <param name="Shared">The shared collection.</param>
    public sealed record AddMount(string Name, CollectionMount Shared) : Change;

    /// <summary>Removes a shared collection from the home of the sharee. Reply: <see cref="CollectionReply.Done"/>, even if it was absent.</summary>
    public sealed record RemoveMount(AccountId Owner, long TargetId) : Change;

    /// <summary>Marks an invitation as answered or dismissed, or removes the notice with this id. Reply: <see cref="CollectionReply.Done"/>.</summary>
    public sealed record DismissInvitation(string Invitation) : Change;

    /// <summary>Stores a notice until it is dismissed; the oldest are removed if there are too many. Reply: <see cref="CollectionReply.Done"/>.</summary>
    public sealed record AddNotice(SharingNotice Notice) : Change;

    /// <summary>Lists the notices of the account. Reply: <see cref="CollectionReply.Notices"/>.</summary>
    public sealed record ListNotices : CollectionRequest;

    /// <summary>Lists the shared collections in the homes of the account. Reply: <see cref="CollectionReply.Page"/>.</summary>
    public sealed record ListMounts : CollectionRequest;

    /// <summary>Creates a secret link to a calendar. Reply: <see cref="CollectionReply.Links"/>.</summary>
    public sealed record AddLink(CollectionPath Path, string Secret) : Change;

    /// <summary>Revokes all secret links of a calendar. Reply: <see cref="CollectionReply.Done"/>.</summary>
    public sealed record RemoveLinks(CollectionPath Path) : Change;

    /// <summary>Adds a push subscription, or replaces the one with the same push resource. Reply: <see cref="CollectionReply.Subscribed"/>.</summary>
    public sealed record Subscribe(CollectionPath Path, PushSubscription Subscription) : Change;

    /// <summary>Ends a push subscription of <paramref name="By"/>, or of any account if null. Reply: <see cref="CollectionReply.Done"/>.</summary>
    public sealed record Unsubscribe(string Id, AccountId? By) : Change;

    /// <summary>Reads a managed attachment. Reply: <see cref="CollectionReply.AttachmentFound"/>.</summary>
    public sealed record ReadAttachment(string Id) : CollectionRequest;

    /// <summary>
    /// Lists the calendar objects that refer to a managed attachment, as far as the sharee may read them. Reply: <see cref="CollectionReply.AttachmentUses"/>.
    /// </summary>
    /// <param name="Id">The MANAGED-ID.</param>
    /// <param name="Uid">Looks only at the scheduling object with this UID, and finds references to attachments of other accounts too; null: all references to an own attachment.</param>
    public sealed record ListAttachmentUses(string Id, string? Uid) : CollectionRequest;

    /// <summary>Lists all secret links of the account. Reply: <see cref="CollectionReply.Links"/>.</summary>
    public sealed record ListLinks : CollectionRequest;
}

/// <summary>The conditions of a query that the index can evaluate before the filter; see <see cref="NewResource"/>.</summary>
/// <param name="Components">Accepted component types; none accepts all.</param>
/// <param name="First">Start of the time range, in seconds of Unix time.</param>
/// <param name="Last">End of the time range, in seconds of Unix time.</param>
/// <param name="Text">Text that a matching resource contains, ignoring ASCII case and line folding; empty for any.</param>
public sealed record QueryPlan(CalendarComponents Components, long First, long Last, ReadOnlyMemory<byte> Text)
{
    /// <summary>True if the time range is the only condition, so that the indexed instances decide the match.</summary>
    public bool IsTimeRangeOnly { get; init; }

    public static QueryPlan Everything { get; } = new(CalendarComponents.None, long.MinValue, long.MaxValue, default);
}

using MailServer.Domain.Accounts;

namespace MailServer.Domain.Collections;

/// <summary>What can be asked of the collections of one account.</summary>
public abstract record CollectionRequest
{
    private CollectionRequest() { }

    /// <summary>Another account that asks: it sees and does what it was granted. Null: the owner.</summary>
    public AccountId? Visitor { get; init; }

    /// <summary>A change: answered when it is durable.</summary>
    public abstract record Change : CollectionRequest
    {
        private protected Change() { }

        public Preconditions Conditions { get; init; } = Preconditions.None;

        /// <summary>Registrations for push messages, of the account that asks, that need not hear of this: their client made the change. <see cref="AllOwn"/>: none of them.</summary>
        public IReadOnlyList<string> Unheard { get; init; } = [];

        /// <summary>In <see cref="Unheard"/>: every registration of the account that asks.</summary>
        public const string AllOwn = "*";
    }

    /// <summary>What is at a path; answered by <see cref="CollectionReply.Found"/>.</summary>
    public sealed record Find(CollectionPath Path, bool WithBody) : CollectionRequest;

    /// <summary>A page of what a collection holds; answered by <see cref="CollectionReply.Page"/>, with the collections in it on the first.</summary>
    /// <param name="Path">The collection.</param>
    /// <param name="After">The <see cref="ResourceEntry.Id"/> that the last page ended with; 0 at first.</param>
    /// <param name="WithProperties">Dead properties are wanted too.</param>
    public sealed record List(CollectionPath Path, long After, bool WithProperties) : CollectionRequest;

    /// <summary>A page of the resources that a filter may match, with their octets; answered by <see cref="CollectionReply.Page"/>.</summary>
    public sealed record Query(CollectionPath Path, long After, QueryPlan Plan) : CollectionRequest;

    /// <summary>Resources by their names, with their octets when wanted; those that are not there are left out. Answered by <see cref="CollectionReply.Page"/>.</summary>
    public sealed record ReadMany(CollectionPath Path, IReadOnlyList<string> Names, bool WithBody) : CollectionRequest;

    /// <summary>A page of what changed; answered by <see cref="CollectionReply.Changes"/>.</summary>
    /// <param name="Path">The collection.</param>
    /// <param name="Collection">The <see cref="CollectionInfo.Id"/> that the token names; null at the first synchronisation.</param>
    /// <param name="After">Changes after this mod-sequence.</param>
    /// <param name="UpTo">And not after this one; null on the first page.</param>
    /// <param name="Limit">The longest page wanted.</param>
    public sealed record Synchronise(CollectionPath Path, long? Collection, long After, long? UpTo, int Limit) : CollectionRequest;

    /// <summary>The locks that cover a path or begin below it; answered by <see cref="CollectionReply.Locks"/>.</summary>
    public sealed record FindLocks(CollectionPath Path) : CollectionRequest;

    /// <summary>Octets used and allowed; answered by <see cref="CollectionReply.Quota"/>.</summary>
    public sealed record GetQuota : CollectionRequest;

    /// <summary>Writes everything into a new database file at <paramref name="File"/>, for a backup; answered by <see cref="CollectionReply.Done"/>.</summary>
    public sealed record MakeCopy(string File) : CollectionRequest;

    /// <summary>Looks for damage of the database, and salvages what is readable where <paramref name="Repair"/> says so; answered by <see cref="CollectionReply.Checked"/>.</summary>
    public sealed record Check(bool Repair) : CollectionRequest;

    /// <summary>Answered by <see cref="CollectionReply.Stored"/>.</summary>
    public sealed record Put(CollectionPath Path, NewResource Resource) : Change
    {
        /// <summary>A file that is to be kept with it; the resource names it.</summary>
        public Attachment? Attachment { get; init; }
    }

    /// <summary>Removes a resource, or a collection with everything in it; answered by <see cref="CollectionReply.Done"/>.</summary>
    public sealed record Delete(CollectionPath Path) : Change
    {
        /// <summary>Organizers are not told that the account does not come (Schedule-Reply: F, RFC 6638 §8.1).</summary>
        public bool Silent { get; init; }
    }

    /// <summary>Answered by <see cref="CollectionReply.Done"/>.</summary>
    public sealed record MakeCollection(CollectionPath Path, CollectionKind Kind, CalendarComponents Components, IReadOnlyDictionary<string, string> Properties) : Change;

    /// <summary>Sets (an XML element) or removes (null) properties by their names in Clark notation; answered by <see cref="CollectionReply.Done"/>.</summary>
    public sealed record SetProperties(CollectionPath Path, IReadOnlyList<KeyValuePair<string, string?>> Properties) : Change;

    /// <summary>COPY and MOVE; answered by <see cref="CollectionReply.Stored"/>.</summary>
    public sealed record Transfer(CollectionPath From, CollectionPath To, bool Move, bool Overwrite, bool Deep) : Change;

    /// <summary>Locks a path, making an empty file where nothing is; answered by <see cref="CollectionReply.Locked"/>.</summary>
    public sealed record Lock(CollectionPath Path, string Token, bool Exclusive, bool Deep, string Owner, TimeSpan Timeout) : Change;

    /// <summary>Prolongs the lock that the conditions name; answered by <see cref="CollectionReply.Locked"/>.</summary>
    public sealed record RefreshLock(CollectionPath Path, TimeSpan Timeout) : Change;

    /// <summary>Answered by <see cref="CollectionReply.Done"/>.</summary>
    public sealed record Unlock(CollectionPath Path, string Token) : Change;

    /// <summary>Shares a calendar or address book with accounts (again), and no longer with others; answered by <see cref="CollectionReply.Found"/>.</summary>
    public sealed record SetGrants(CollectionPath Path, IReadOnlyList<CollectionGrant> Granted, IReadOnlyList<AccountId> Revoked) : Change;

    /// <summary>Puts a collection of another account into this one's home, or updates what is known of it; answered by <see cref="CollectionReply.Found"/>.</summary>
    /// <param name="Name">Its name in the home, unless that is taken.</param>
    /// <param name="Shared">What it is.</param>
    public sealed record AddMount(string Name, CollectionMount Shared) : Change;

    /// <summary>Takes it out again; answered by <see cref="CollectionReply.Done"/> also where nothing was.</summary>
    public sealed record RemoveMount(AccountId Owner, long TargetId) : Change;

    /// <summary>The account has answered or dismissed an invitation; answered by <see cref="CollectionReply.Done"/>.</summary>
    public sealed record DismissInvitation(string Invitation) : Change;

    /// <summary>Collections of other accounts in this one's homes; answered by <see cref="CollectionReply.Page"/>.</summary>
    public sealed record ListMounts : CollectionRequest;

    /// <summary>Makes a secret by which anyone may read a calendar; answered by <see cref="CollectionReply.Links"/>.</summary>
    public sealed record AddLink(CollectionPath Path, string Secret) : Change;

    /// <summary>Revokes all secrets of a calendar; answered by <see cref="CollectionReply.Done"/>.</summary>
    public sealed record RemoveLinks(CollectionPath Path) : Change;

    /// <summary>Registers a subscription, or replaces that of the same resource; answered by <see cref="CollectionReply.Subscribed"/>.</summary>
    public sealed record Subscribe(CollectionPath Path, PushSubscription Subscription) : Change;

    /// <summary>Ends a subscription of <paramref name="By"/> (null: anybody's); answered by <see cref="CollectionReply.Done"/>.</summary>
    public sealed record Unsubscribe(string Id, AccountId? By) : Change;

    /// <summary>A file that a calendar object names; answered by <see cref="CollectionReply.AttachmentFound"/>.</summary>
    public sealed record ReadAttachment(string Id) : CollectionRequest;

    /// <summary>All secrets of the account; answered by <see cref="CollectionReply.Links"/>.</summary>
    public sealed record ListLinks : CollectionRequest;
}

/// <summary>What the index can rule out before a filter is asked: see <see cref="NewResource"/>.</summary>
/// <param name="Components">Any of these; none: every one.</param>
/// <param name="First">The range, in seconds of Unix time.</param>
/// <param name="Last">Its end.</param>
/// <param name="Text">Octets that must stand in the resource, but for ASCII case and folding; empty: any.</param>
public sealed record QueryPlan(CalendarComponents Components, long First, long Last, ReadOnlyMemory<byte> Text)
{
    /// <summary>The range is all that is asked: instances that the index knows decide it.</summary>
    public bool ByInstances { get; init; }

    public static QueryPlan Everything { get; } = new(CalendarComponents.None, long.MinValue, long.MaxValue, default);
}

using MailServer.Domain.Ordering;

namespace MailServer.Domain.Mailboxes;

/// <summary>A reply to a <see cref="MailboxRequest"/>. Replies to one sender are in the order of its requests.</summary>
public abstract record MailboxReply
{
    private MailboxReply() { }

    public sealed record Done : MailboxReply
    {
        public static Done Instance { get; } = new();
    }

    public sealed record Refused(MailboxRefusal Reason) : MailboxReply;

    /// <summary>Folders sorted by name. Subscriptions may include names of folders that no longer exist.</summary>
    public sealed record Folders(IReadOnlyList<FolderInfo> All, IReadOnlySet<FolderName> Subscriptions) : MailboxReply;

    /// <param name="Messages">Number of messages in the index.</param>
    /// <param name="Problems">Differences between index and files, as text; bounded.</param>
    public sealed record CheckResult(long Messages, IReadOnlyList<string> Problems) : MailboxReply;

    public sealed record CopyMade(MailboxCopy Copy) : MailboxReply;

    public sealed record Status(FolderStatus Folder) : MailboxReply;

    /// <summary>All folders and the status of each. <see cref="FolderStatus.Recent"/> is 0.</summary>
    public sealed record Watched(Folders Tree, IReadOnlyList<FolderStatus> Overview) : MailboxReply;

    public sealed record Quota(QuotaUsage Use) : MailboxReply;

    public sealed record Selected(FolderSnapshot Folder) : MailboxReply;

    /// <summary>Rows in ascending UID order. The receiver must dispose the content of each row.</summary>
    public record Fetched(IReadOnlyList<MessageRow> Rows) : MailboxReply;

    /// <summary>The rows of the messages whose files could be read, and the UIDs of the others.</summary>
    public sealed record PartiallyFetched(IReadOnlyList<MessageRow> Rows, IReadOnlyList<Uid> Unreadable) : Fetched(Rows);

    /// <summary>
    /// The flags of all requested messages, changed or not, and the state of the folder. The sender
    /// of STORE, EXPUNGE or MOVE receives this reply instead of a <see cref="MailboxChanged"/>.
    /// </summary>
    public record Stored(MailboxChanged Change) : MailboxReply;

    /// <summary>For a conditional STORE: the flags of the messages that have changed since the given mod-sequence, which were left as they are.</summary>
    public sealed record StoredInPart(MailboxChanged Change, IReadOnlyList<FlagChange> Modified) : Stored(Change);

    /// <summary>The highest mod-sequence of the requested messages; 0 if none of them exists.</summary>
    public sealed record HighestModSeq(ModSeq Value) : MailboxReply;

    /// <summary>The messages that were added or changed since a mod-sequence, ascending, and those that were removed.</summary>
    /// <param name="Changed">UIDs of existing messages.</param>
    /// <param name="Vanished">
    /// UIDs of removed messages. If the history does not reach back far enough, all UIDs that do not exist: more than necessary, but never too few.
    /// </param>
    public sealed record Changes(IReadOnlyList<Uid> Changed, UidSet Vanished) : MailboxReply;

    /// <summary>For COPYUID (RFC 4315 §3): source and target UIDs in pairs; for a move also the source folder afterwards.</summary>
    public sealed record Copied(UidValidity TargetValidity, IReadOnlyList<Uid> Sources, IReadOnlyList<Uid> Targets, MailboxChanged? Moved) : MailboxReply;

    public sealed record Expunged(MailboxChanged Change) : MailboxReply;

    /// <summary>Matching UIDs, ascending or in the order of a SORT.</summary>
    public record SearchResult(IReadOnlyList<Uid> Uids) : MailboxReply;

    /// <summary>The matches among the messages whose files could be read, and the first UIDs of the others.</summary>
    public sealed record PartialSearchResult(IReadOnlyList<Uid> Uids, IReadOnlyList<Uid> Unreadable) : SearchResult(Uids);

    /// <summary>The threads of the matches, by UID, and the first UIDs of the messages whose files could not be read.</summary>
    public sealed record Threads(IReadOnlyList<ThreadMember> Members, IReadOnlyList<Uid> Unreadable) : MailboxReply;

    /// <summary>Nothing was done, because the files of these messages cannot be read.</summary>
    public sealed record ContentUnreadable(IReadOnlyList<Uid> Uids) : MailboxReply;

    /// <summary>The annotations that exist.</summary>
    public sealed record Annotations(IReadOnlyList<Annotation> All) : MailboxReply;

    /// <summary>The authorization token of a URL, in hexadecimal digits.</summary>
    public sealed record UrlSigned(string Token) : MailboxReply;

    /// <summary>A URL was signed by this folder.</summary>
    public sealed record UrlVerified(FolderId Folder, UidValidity Validity) : MailboxReply;

    /// <summary>The sender's rights to a folder.</summary>
    public sealed record Rights(FolderRights Mine) : MailboxReply;

    /// <summary>Who has which rights to a folder, without the owner.</summary>
    public sealed record Grants(IReadOnlyList<FolderGrant> All) : MailboxReply;

    /// <summary>The messages that exist, in pairs of UID and spooled message.</summary>
    public sealed record Exported(IReadOnlyList<Uid> Uids, IReadOnlyList<NewMessage> Messages) : MailboxReply;

    /// <summary>The scripts of the account, sorted by name.</summary>
    public sealed record Scripts(IReadOnlyList<StoredScript> All) : MailboxReply
    {
        /// <summary>What is wrong with the files of scripts, a sentence for each.</summary>
        public IReadOnlyList<string> Faults { get; init; } = [];
    }

    /// <summary>The text of a script.</summary>
    public sealed record Script(ReadOnlyMemory<byte> Text) : MailboxReply;

    /// <summary>What a script would do, one line for each test and action.</summary>
    public sealed record ScriptTested(IReadOnlyList<string> Trace, IReadOnlyList<string> Actions, string? Error) : MailboxReply;

    /// <summary>What a script wants to do with messages of a folder. Those that no longer exist or cannot be read are missing.</summary>
    public sealed record ScriptRan(IReadOnlyList<ScriptVerdict> Verdicts) : MailboxReply;

    /// <summary>For a delivery: a script of the account refuses the message (RFC 5429). Nothing is stored.</summary>
    public sealed record Rejected(string Reason) : MailboxReply;

    /// <summary>For APPENDUID.</summary>
    public record Appended(UidValidity Validity, Uid Uid) : MailboxReply;

    /// <summary>For APPENDUID of several messages, in their order.</summary>
    public sealed record AppendedAll(UidValidity Validity, IReadOnlyList<Uid> Uids) : MailboxReply;

    /// <summary>For APPENDUID of REPLACE, and the folder of the replaced message afterwards.</summary>
    public sealed record Replaced(UidValidity Validity, Uid Uid, MailboxChanged Change) : MailboxReply;

    /// <summary>For an import: the folder already contains the message.</summary>
    public sealed record AlreadyAppended(UidValidity Validity, Uid Uid) : Appended(Validity, Uid);
}

/// <summary>The reasons for which a mailbox request is refused. Each protocol has a table of the texts and response codes.</summary>
public enum MailboxRefusal
{
    /// <summary>There is no folder of this name.</summary>
    NoSuchFolder,

    /// <summary>The target folder of COPY, MOVE or APPEND does not exist; the client may create it (TRYCREATE).</summary>
    NoSuchTarget,

    FolderExists,

    /// <summary>INBOX can be neither created nor removed.</summary>
    IsInbox,

    /// <summary>A limit was reached (<see cref="Limits"/>): folders, keywords, UIDs.</summary>
    LimitReached,

    OverQuota,

    /// <summary>The disk or the database failed; the request may succeed later.</summary>
    Unavailable,

    /// <summary>Another folder has the special use that the new one was to have.</summary>
    RoleTaken,

    /// <summary>The message to be replaced does not exist.</summary>
    NoSuchMessage,

    /// <summary>There is no script of this name.</summary>
    NoSuchScript,

    /// <summary>The active script cannot be removed.</summary>
    ScriptIsActive,

    /// <summary>The text is not the name of a script.</summary>
    InvalidScriptName,

    /// <summary>There is a script of this name already.</summary>
    ScriptExists,

    /// <summary>The account has as many scripts as it may have.</summary>
    TooManyScripts,

    /// <summary>The script is larger than one may be.</summary>
    ScriptTooLarge,

    /// <summary>The folder or the account has as many annotations as it can have.</summary>
    TooManyAnnotations,

    /// <summary>The folder belongs to another account, which has not granted the right.</summary>
    NoPermission,

    /// <summary>Not possible between two mailboxes, or with this name.</summary>
    NotPossible,
}

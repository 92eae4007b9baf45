namespace MailServer.Domain.Mailboxes;

/// <summary>Answers to <see cref="MailboxRequest"/>, in the order of the requests of one sender.</summary>
public abstract record MailboxReply
{
    private MailboxReply() { }

    public sealed record Done : MailboxReply
    {
        public static Done Instance { get; } = new();
    }

    public sealed record Refused(MailboxRefusal Reason) : MailboxReply;

    /// <summary>Ordered by name. Subscriptions may name folders that are no more.</summary>
    public sealed record Folders(IReadOnlyList<FolderInfo> All, IReadOnlySet<FolderName> Subscriptions) : MailboxReply;

    /// <param name="Messages">How many the index has.</param>
    /// <param name="Problems">What differs, for people; bounded.</param>
    public sealed record Checked(long Messages, IReadOnlyList<string> Problems) : MailboxReply;

    public sealed record CopyMade(MailboxCopy Copy) : MailboxReply;

    public sealed record Status(FolderStatus Folder) : MailboxReply;

    public sealed record Quota(QuotaUse Use) : MailboxReply;

    public sealed record Selected(FolderSnapshot Folder) : MailboxReply;

    /// <summary>In ascending UID order. The receiver disposes each row's content.</summary>
    public record Fetched(IReadOnlyList<MessageRow> Rows) : MailboxReply;

    /// <summary>The rows of those messages whose files could be read, and the UIDs of the others.</summary>
    public sealed record FetchedInPart(IReadOnlyList<MessageRow> Rows, IReadOnlyList<Uid> Unreadable) : Fetched(Rows);

    /// <summary>
    /// The new flags of every message named, changed or not, and the folder after it. The sender gets no
    /// <see cref="MailboxChanged"/> for its own STORE, EXPUNGE and MOVE: this is it.
    /// </summary>
    public sealed record Stored(MailboxChanged Change) : MailboxReply;

    /// <summary>For COPYUID (RFC 4315 §3): sources and targets pair by pair, and, for a move, the source folder after it.</summary>
    public sealed record Copied(UidValidity TargetValidity, IReadOnlyList<Uid> Sources, IReadOnlyList<Uid> Targets, MailboxChanged? Moved) : MailboxReply;

    public sealed record Expunged(MailboxChanged Change) : MailboxReply;

    /// <summary>Ascending.</summary>
    public record Found(IReadOnlyList<Uid> Uids) : MailboxReply;

    /// <summary>What was found among the messages whose files could be read, and the first UIDs of the others.</summary>
    public sealed record FoundInPart(IReadOnlyList<Uid> Uids, IReadOnlyList<Uid> Unreadable) : Found(Uids);

    /// <summary>Nothing was done, because the files of these messages cannot be read.</summary>
    public sealed record ContentUnreadable(IReadOnlyList<Uid> Uids) : MailboxReply;

    /// <summary>For APPENDUID.</summary>
    public record Appended(UidValidity Validity, Uid Uid) : MailboxReply;

    /// <summary>For an import: the folder has the message already, from an earlier one.</summary>
    public sealed record AppendedBefore(UidValidity Validity, Uid Uid) : Appended(Validity, Uid);
}

/// <summary>Why a mailbox refuses. The texts and response codes that clients see stand in one table of each protocol.</summary>
public enum MailboxRefusal
{
    /// <summary>No folder of that name.</summary>
    NoSuchFolder,

    /// <summary>COPY, MOVE or APPEND to a folder that does not exist: the client may create it (TRYCREATE).</summary>
    NoSuchTarget,

    FolderExists,

    /// <summary>INBOX is neither removed nor made.</summary>
    IsInbox,

    /// <summary>A bound of <see cref="Limits"/>: folders, keywords, UIDs.</summary>
    LimitReached,

    OverQuota,

    /// <summary>The disk or the database failed: may work later.</summary>
    Unavailable,
}

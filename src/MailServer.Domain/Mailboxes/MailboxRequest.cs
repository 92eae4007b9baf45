using MailServer.Domain.Messages;

namespace MailServer.Domain.Mailboxes;

/// <summary>
/// What can be asked of a mailbox. Each request is answered by the one <see cref="MailboxReply"/> named beside it, or by
/// <see cref="MailboxReply.Refused"/>; what it changed is durable before the answer is sent.
/// UID arguments are ascending; UIDs that are no longer there are passed over in silence.
/// </summary>
public abstract record MailboxRequest
{
    private MailboxRequest() { }

    /// <summary>Every folder and subscription. → <see cref="MailboxReply.Folders"/></summary>
    public sealed record ListFolders : MailboxRequest;

    /// <summary>Makes a folder and what is missing above it. → <see cref="MailboxReply.Done"/></summary>
    public sealed record CreateFolder(FolderName Name, FolderRole Role = FolderRole.None) : MailboxRequest;

    /// <summary>Removes a folder with its messages; folders below it stay. → <see cref="MailboxReply.Done"/></summary>
    public sealed record DeleteFolder(FolderName Name) : MailboxRequest;

    /// <summary>Renames a folder and all below it; INBOX instead moves its messages to the new folder (RFC 9051 §6.3.6). → <see cref="MailboxReply.Done"/></summary>
    public sealed record RenameFolder(FolderName From, FolderName To) : MailboxRequest;

    /// <summary>Subscriptions are names and outlive their folders. → <see cref="MailboxReply.Done"/></summary>
    public sealed record Subscribe(FolderName Name, bool Subscribed) : MailboxRequest;

    /// <summary>→ <see cref="MailboxReply.Status"/></summary>
    /// <param name="Name">Which folder.</param>
    /// <param name="WithDeletedSize">The sizes of messages with <c>\Deleted</c> are wanted too, which must be added up.</param>
    public sealed record GetStatus(FolderName Name, bool WithDeletedSize = false) : MailboxRequest;

    /// <summary>What the mailbox uses and may use; refused when <paramref name="Folder"/> is named and does not exist. → <see cref="MailboxReply.Quota"/></summary>
    public sealed record GetQuota(FolderName? Folder = null) : MailboxRequest;

    /// <summary>
    /// Looks for files that other tools dropped, and makes the sender a subscriber of the folder's <see cref="MailboxChanged"/>
    /// (instead of the folder it had selected before). → <see cref="MailboxReply.Selected"/>
    /// </summary>
    public sealed record Select(FolderName Name, bool ReadOnly) : MailboxRequest;

    /// <summary>Ends the sender's subscription. → <see cref="MailboxReply.Done"/></summary>
    public sealed record Unselect : MailboxRequest;

    /// <summary>Looks for files that other tools dropped into the folder (NOOP, CHECK). → <see cref="MailboxReply.Done"/>, after the <see cref="MailboxChanged"/> if there was one.</summary>
    public sealed record Poll(FolderId Folder) : MailboxRequest;

    /// <summary>Describes up to <see cref="Limits.FetchPage"/> messages. → <see cref="MailboxReply.Fetched"/></summary>
    /// <param name="Folder">Where.</param>
    /// <param name="Uids">Which, ascending.</param>
    /// <param name="Items">What of each.</param>
    /// <param name="MarkSeen">Sets <c>\Seen</c> on each.</param>
    public sealed record Fetch(FolderId Folder, ReadOnlyMemory<uint> Uids, FetchItems Items, bool MarkSeen) : MailboxRequest;

    /// <summary>→ <see cref="MailboxReply.Stored"/></summary>
    public sealed record Store(FolderId Folder, ReadOnlyMemory<uint> Uids, FlagOperation Operation, MessageFlags Flags) : MailboxRequest;

    /// <summary>Copies, or moves (RFC 6851), all or none. → <see cref="MailboxReply.Copied"/></summary>
    public sealed record Copy(FolderId Folder, ReadOnlyMemory<uint> Uids, FolderName Target, bool Move) : MailboxRequest;

    /// <summary>Removes messages with <c>\Deleted</c>; only those in <paramref name="Within"/> when given (UID EXPUNGE, RFC 4315). → <see cref="MailboxReply.Expunged"/></summary>
    public sealed record Expunge(FolderId Folder, UidSet? Within) : MailboxRequest;

    /// <summary>→ <see cref="MailboxReply.Found"/></summary>
    public sealed record Search(FolderId Folder, SearchCriteria Criteria) : MailboxRequest;

    /// <summary>
    /// Links everything into a directory of the same file system, for a backup, but for messages whose <see cref="CopiedMessage.Key"/> is known. Of
    /// the same process only: the set may be large. → <see cref="MailboxReply.CopyMade"/>
    /// </summary>
    public sealed record MakeCopy(string Directory, IReadOnlySet<string> Known) : MailboxRequest;

    /// <summary>Compares the index with the files, and makes it follow them when asked to. → <see cref="MailboxReply.Checked"/></summary>
    public sealed record Check(bool Repair) : MailboxRequest;

    /// <summary>Files a spooled message. → <see cref="MailboxReply.Appended"/></summary>
    public sealed record Append(FolderName Folder, MessageFlags Flags, DateTimeOffset? InternalDate, SpooledMessage Message) : MailboxRequest;

    /// <summary>Delivers a spooled message; a second time is answered like the first. → <see cref="MailboxReply.Appended"/></summary>
    public sealed record Deliver(FolderName Folder, SpooledMessage Message) : MailboxRequest;
}

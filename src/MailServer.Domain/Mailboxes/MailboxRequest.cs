using MailServer.Domain.Messages;

namespace MailServer.Domain.Mailboxes;

/// <summary>
/// A request to a mailbox. The reply is the <see cref="MailboxReply"/> after the arrow, or <see cref="MailboxReply.Refused"/>;
/// docs/durability.md lists when each change is durable. UID arguments are ascending; UIDs that no longer exist are ignored.
/// </summary>
public abstract record MailboxRequest
{
    private MailboxRequest() { }

    /// <summary>Lists all folders and subscriptions. → <see cref="MailboxReply.Folders"/></summary>
    public sealed record ListFolders : MailboxRequest;

    /// <summary>Creates a folder and its missing parents; refused if another folder has the same role. → <see cref="MailboxReply.Done"/></summary>
    public sealed record CreateFolder(FolderName Name, FolderRole Role = FolderRole.None) : MailboxRequest;

    /// <summary>Removes a folder and its messages, but not its child folders. → <see cref="MailboxReply.Done"/></summary>
    public sealed record DeleteFolder(FolderName Name) : MailboxRequest;

    /// <summary>Renames a folder and its child folders. Renaming INBOX moves its messages to the new folder instead (RFC 9051 §6.3.6). → <see cref="MailboxReply.Done"/></summary>
    public sealed record RenameFolder(FolderName From, FolderName To) : MailboxRequest;

    /// <summary>Subscribes to a name or unsubscribes from it. Subscriptions outlive their folders. → <see cref="MailboxReply.Done"/></summary>
    public sealed record Subscribe(FolderName Name, bool Subscribed) : MailboxRequest;

    /// <summary>Returns the status of a folder. → <see cref="MailboxReply.Status"/></summary>
    /// <param name="Name">Name of the folder.</param>
    /// <param name="WithDeletedSize">True to include the total size of messages with <c>\Deleted</c>, which must be calculated.</param>
    public sealed record GetStatus(FolderName Name, bool WithDeletedSize = false) : MailboxRequest;

    /// <summary>Returns usage and limit of the mailbox; refused if <paramref name="Folder"/> is given and does not exist. → <see cref="MailboxReply.Quota"/></summary>
    public sealed record GetQuota(FolderName? Folder = null) : MailboxRequest;

    /// <summary>
    /// Selects a folder: finds files added by other tools, and subscribes the sender to <see cref="MailboxChanged"/>
    /// of this folder instead of the previous one. → <see cref="MailboxReply.Selected"/>
    /// </summary>
    public sealed record Select(FolderName Name, bool ReadOnly) : MailboxRequest;

    /// <summary>Ends the sender's subscription. → <see cref="MailboxReply.Done"/></summary>
    public sealed record Unselect : MailboxRequest;

    /// <summary>
    /// Subscribes the sender to <see cref="AccountChanged"/> of all folders, in addition to what it has selected, or ends that subscription. → <see
    /// cref="MailboxReply.Watched"/>
    /// </summary>
    public sealed record Watch(bool IsOn) : MailboxRequest;

    /// <summary>Finds files added by other tools (NOOP, CHECK). → <see cref="MailboxReply.Done"/>, after a <see cref="MailboxChanged"/> if there were any.</summary>
    public sealed record Poll(FolderId Folder) : MailboxRequest;

    /// <summary>Fetches up to <see cref="Limits.FetchPage"/> messages. → <see cref="MailboxReply.Fetched"/></summary>
    /// <param name="Folder">The folder.</param>
    /// <param name="Uids">UIDs of the messages, ascending.</param>
    /// <param name="Items">The requested items.</param>
    /// <param name="MarkSeen">True to set <c>\Seen</c> on each message.</param>
    public sealed record Fetch(FolderId Folder, ReadOnlyMemory<uint> Uids, FetchItems Items, bool MarkSeen) : MailboxRequest;

    /// <summary>Changes flags. → <see cref="MailboxReply.Stored"/></summary>
    public sealed record Store(FolderId Folder, ReadOnlyMemory<uint> Uids, FlagOperation Operation, MessageFlags Flags) : MailboxRequest;

    /// <summary>
    /// Changes flags of the messages that have not changed since <paramref name="UnchangedSince"/> (RFC 7162 §3.1.3). → <see cref="MailboxReply.StoredInPart"/>
    /// </summary>
    public sealed record StoreUnchanged(FolderId Folder, ReadOnlyMemory<uint> Uids, FlagOperation Operation, MessageFlags Flags, ModSeq UnchangedSince) : MailboxRequest;

    /// <summary>Lists what has changed since a mod-sequence, among the UIDs <paramref name="Within"/> (RFC 7162 §3.2.6). → <see cref="MailboxReply.Changes"/></summary>
    public sealed record ListChanges(FolderId Folder, ModSeq Since, UidSet Within) : MailboxRequest;

    /// <summary>Returns the highest mod-sequence of these messages. → <see cref="MailboxReply.HighestModSeq"/></summary>
    public sealed record GetHighestModSeq(FolderId Folder, UidSet Uids) : MailboxRequest;

    /// <summary>Copies or moves (RFC 6851) messages, all or none. → <see cref="MailboxReply.Copied"/></summary>
    public sealed record Copy(FolderId Folder, ReadOnlyMemory<uint> Uids, FolderName Target, bool Move) : MailboxRequest;

    /// <summary>Removes messages with <c>\Deleted</c>, limited to <paramref name="Within"/> if given (UID EXPUNGE, RFC 4315). → <see cref="MailboxReply.Expunged"/></summary>
    public sealed record Expunge(FolderId Folder, UidSet? Within) : MailboxRequest;

    /// <summary>Searches a folder. → <see cref="MailboxReply.SearchResult"/></summary>
    public sealed record Search(FolderId Folder, SearchCriteria Criteria) : MailboxRequest;

    /// <summary>Searches a folder and sorts what it finds, by the first criterion first. → <see cref="MailboxReply.SearchResult"/></summary>
    public sealed record Sort(FolderId Folder, SearchCriteria Criteria, IReadOnlyList<SortCriterion> Order) : MailboxRequest;

    /// <summary>Searches a folder and gathers what it finds into threads. → <see cref="MailboxReply.Threads"/></summary>
    public sealed record Thread(FolderId Folder, SearchCriteria Criteria, ThreadAlgorithm Algorithm) : MailboxRequest;

    /// <summary>
    /// Links all message files into a directory of the same file system, for a backup, except those whose <see cref="CopiedMessage.Key"/>
    /// is known. Sent only within a process, because the set may be large. → <see cref="MailboxReply.CopyMade"/>
    /// </summary>
    public sealed record MakeCopy(string Directory, IReadOnlySet<string> Known) : MailboxRequest;

    /// <summary>Compares the index with the files; corrects the index if <paramref name="Repair"/> is true. → <see cref="MailboxReply.CheckResult"/></summary>
    public sealed record Check(bool Repair) : MailboxRequest;

    /// <summary>Appends a spooled message to a folder. → <see cref="MailboxReply.Appended"/></summary>
    public sealed record Append(FolderName Folder, MessageFlags Flags, DateTimeOffset? InternalDate, SpooledMessage Message) : MailboxRequest;

    /// <summary>Appends spooled messages to a folder, all or none. → <see cref="MailboxReply.AppendedAll"/></summary>
    public sealed record AppendAll(FolderName Folder, IReadOnlyList<NewMessage> Messages) : MailboxRequest;

    /// <summary>Appends a spooled message to <paramref name="Target"/> and removes the message <paramref name="Uid"/> of <paramref name="Folder"/> (RFC 8508), both or neither. → <see cref="MailboxReply.Replaced"/></summary>
    public sealed record Replace(FolderId Folder, Uid Uid, FolderName Target, NewMessage Message) : MailboxRequest;

    /// <summary>
    /// Finds annotations of a folder or, if <paramref name="Folder"/> is null, of the mailbox as a whole and the server (RFC 5464 §4.2). → <see
    /// cref="MailboxReply.Annotations"/>
    /// </summary>
    public sealed record GetAnnotations(FolderName? Folder, IReadOnlyList<string> Names, AnnotationDepth Depth) : MailboxRequest;

    /// <summary>Sets or removes annotations, all or none (RFC 5464 §4.3). → <see cref="MailboxReply.Done"/></summary>
    public sealed record SetAnnotations(FolderName? Folder, IReadOnlyList<Annotation> Changes) : MailboxRequest;

    /// <summary>Signs the URL of a message of a folder, with the key of the folder (RFC 4467 §5). → <see cref="MailboxReply.UrlSigned"/></summary>
    public sealed record SignUrl(FolderName Folder, string Url) : MailboxRequest;

    /// <summary>Verifies that the key of a folder has signed a URL, and that its time has not passed (RFC 4467 §6); otherwise refused as if there were no such message. → <see cref="MailboxReply.UrlVerified"/></summary>
    public sealed record VerifyUrl(FolderName Folder, string Url, string Token, DateTimeOffset? Expiry) : MailboxRequest;

    /// <summary>Removes the key of a folder, or of all folders, so that no URL signed so far is valid. → <see cref="MailboxReply.Done"/></summary>
    public sealed record ResetUrlKeys(FolderName? Folder) : MailboxRequest;

    /// <summary>Returns the sender's rights to a folder. → <see cref="MailboxReply.Rights"/></summary>
    public sealed record GetRights(FolderName Folder) : MailboxRequest;

    /// <summary>Returns who has which rights to a folder, without the owner. → <see cref="MailboxReply.Grants"/></summary>
    public sealed record GetGrants(FolderName Folder) : MailboxRequest;

    /// <summary>Changes the rights of an account to a folder; of all accounts if <paramref name="Guest"/> is null. → <see cref="MailboxReply.Done"/></summary>
    public sealed record SetGrant(FolderName Folder, MailboxGuest? Guest, FlagOperation Operation, FolderRights Rights) : MailboxRequest;

    /// <summary>
    /// Links messages into the spool, to be appended to another mailbox; the sender removes them there. With <paramref name="ForMove"/> it will remove the messages afterwards. → <see
    /// cref="MailboxReply.Exported"/>
    /// </summary>
    public sealed record Export(FolderId Folder, ReadOnlyMemory<uint> Uids, bool ForMove) : MailboxRequest;

    /// <summary>Removes messages, whatever their flags are. → <see cref="MailboxReply.Expunged"/></summary>
    public sealed record RemoveMessages(FolderId Folder, UidSet Uids) : MailboxRequest;

    /// <summary>Lists the scripts. → <see cref="MailboxReply.Scripts"/></summary>
    public sealed record ListScripts : MailboxRequest;

    /// <summary>Reads a script. → <see cref="MailboxReply.Script"/></summary>
    public sealed record ReadScript(string Name) : MailboxRequest;

    /// <summary>Stores a script, which replaces one of the same name. The sender has checked it. → <see cref="MailboxReply.Done"/></summary>
    public sealed record PutScript(string Name, ReadOnlyMemory<byte> Text) : MailboxRequest;

    /// <summary>Removes a script that is not active. → <see cref="MailboxReply.Done"/></summary>
    public sealed record DeleteScript(string Name) : MailboxRequest;

    /// <summary>Renames a script; if it is active, it stays so. → <see cref="MailboxReply.Done"/></summary>
    public sealed record RenameScript(string From, string To) : MailboxRequest;

    /// <summary>Makes a script the active one; null: none. → <see cref="MailboxReply.Done"/></summary>
    public sealed record ActivateScript(string? Name) : MailboxRequest;

    /// <summary>Runs a script on a message and does nothing of what it wants. → <see cref="MailboxReply.ScriptTested"/></summary>
    /// <param name="Name">The script; null for what runs at a delivery: the server's scripts and the active one.</param>
    /// <param name="Message">The message.</param>
    /// <param name="Sender">The envelope sender; empty for the null sender.</param>
    /// <param name="Recipient">The envelope recipient.</param>
    public sealed record TestScript(string? Name, ReadOnlyMemory<byte> Message, string Sender, string Recipient) : MailboxRequest;

    /// <summary>
    /// Runs a script on messages of a folder, as if they arrived now, and does nothing of what it wants. The number of messages is bounded by <see cref="Limits.FetchPage"/>. → <see
    /// cref="MailboxReply.ScriptRan"/>
    /// </summary>
    /// <param name="Folder">The folder.</param>
    /// <param name="Uids">UIDs of the messages, ascending.</param>
    /// <param name="Name">The script; null for <paramref name="Text"/> or, if that is empty, for what runs at a delivery.</param>
    /// <param name="Text">A script that need not be stored.</param>
    /// <param name="Recipient">The envelope recipient.</param>
    public sealed record RunScript(FolderId Folder, ReadOnlyMemory<uint> Uids, string? Name, ReadOnlyMemory<byte> Text, string Recipient) : MailboxRequest;

    /// <summary>Delivers a spooled message. Idempotent: repeated requests receive the same reply. → <see cref="MailboxReply.Appended"/></summary>
    public sealed record Deliver(FolderName Folder, SpooledMessage Message) : MailboxRequest;
}

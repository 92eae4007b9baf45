namespace MailServer.Domain.Mailboxes;

/// <summary>
/// A durable change of a folder, sent to every session that has the folder selected. A session compares
/// <paramref name="Uids"/> with the last state that its client saw, so a missed or merged notification does no harm.
/// </summary>
/// <param name="Folder">The folder.</param>
/// <param name="HighestModSeq">The highest mod-sequence after the change.</param>
/// <param name="Uids">UIDs of all messages after the change.</param>
/// <param name="FlagsChanged">Messages with changed flags (not added or expunged ones).</param>
/// <param name="Recent">Messages with this UID or a higher one are <c>\Recent</c> for the receiver; null if there are no new ones.</param>
/// <param name="FolderRemoved">True if the folder was removed; sessions must deselect it.</param>
public sealed record MailboxChanged(
    FolderId Folder,
    ModSeq HighestModSeq,
    UidList Uids,
    IReadOnlyList<FlagChange> FlagsChanged,
    Uid? Recent = null,
    bool FolderRemoved = false);

/// <summary>The flags of a message after a change.</summary>
public readonly record struct FlagChange(Uid Uid, MessageFlags Flags, ModSeq ModSeq);

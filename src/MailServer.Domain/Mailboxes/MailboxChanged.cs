namespace MailServer.Domain.Mailboxes;

/// <summary>
/// One change of one folder, told to every session that has it selected after it is durable. A session compares <paramref name="Uids"/>
/// with what it told its client; nothing has to be counted along the way, so a missed or merged change does no harm.
/// </summary>
/// <param name="Folder">Which folder.</param>
/// <param name="HighestModSeq">After this change.</param>
/// <param name="Uids">All messages after this change.</param>
/// <param name="FlagsChanged">Messages with new flags (not those that were added or expunged).</param>
/// <param name="Recent">UIDs from this on are <c>\Recent</c> for the receiver; null when none became so.</param>
/// <param name="FolderRemoved">The folder is no more: a session that has it selected must let it go.</param>
public sealed record MailboxChanged(
    FolderId Folder,
    ModSeq HighestModSeq,
    UidList Uids,
    IReadOnlyList<FlagChange> FlagsChanged,
    Uid? Recent = null,
    bool FolderRemoved = false);

/// <summary>The flags of one message after a change.</summary>
public readonly record struct FlagChange(Uid Uid, MessageFlags Flags, ModSeq ModSeq);

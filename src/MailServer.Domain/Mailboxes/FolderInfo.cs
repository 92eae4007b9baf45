namespace MailServer.Domain.Mailboxes;

/// <summary>A folder as it is listed. Names above it that are no folders themselves are not listed: a client sees them as <c>\Noselect</c>.</summary>
public sealed record FolderInfo(FolderId Id, FolderName Name, FolderRole Role);

/// <summary>What STATUS answers (RFC 9051 §6.3.11), all of it known without touching a file.</summary>
public sealed record FolderStatus(
    FolderId Id, UidValidity UidValidity, uint UidNext, ModSeq HighestModSeq, int Messages, int Recent, int Unseen, int Deleted, long Size)
{
    /// <summary>The sizes of messages with <c>\Deleted</c>, when asked for.</summary>
    public long DeletedSize { get; init; }
}

/// <summary>A folder at the moment it was selected.</summary>
/// <param name="Id">Its number; later requests name it.</param>
/// <param name="Name">Its name then.</param>
/// <param name="UidValidity">The epoch of its UIDs.</param>
/// <param name="UidNext">Lower than or equal to the UID that the next message gets.</param>
/// <param name="HighestModSeq">Of all changes so far.</param>
/// <param name="Uids">All messages, ascending.</param>
/// <param name="FirstRecent">Messages from this UID on are <c>\Recent</c> for this session; null when none is.</param>
/// <param name="FirstUnseen">The lowest UID without <c>\Seen</c>, or null.</param>
/// <param name="Keywords">Keywords in use in the folder.</param>
public sealed record FolderSnapshot(
    FolderId Id,
    FolderName Name,
    UidValidity UidValidity,
    uint UidNext,
    ModSeq HighestModSeq,
    UidList Uids,
    Uid? FirstRecent,
    Uid? FirstUnseen,
    KeywordSet Keywords);

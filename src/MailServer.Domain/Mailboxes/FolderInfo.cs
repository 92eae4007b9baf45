namespace MailServer.Domain.Mailboxes;

/// <summary>A folder in a LIST response. Parent names that are not folders themselves are not included; clients see them as <c>\Noselect</c>.</summary>
public sealed record FolderInfo(FolderId Id, FolderName Name, FolderRole Role);

/// <summary>The data of a STATUS response (RFC 9051 §6.3.11), available without reading files.</summary>
public sealed record FolderStatus(
    FolderId Id, UidValidity UidValidity, uint UidNext, ModSeq HighestModSeq, int Messages, int Recent, int Unseen, int Deleted, long Size)
{
    /// <summary>Total size of the messages with <c>\Deleted</c>, if requested.</summary>
    public long DeletedSize { get; init; }
}

/// <summary>The state of a folder when it is selected.</summary>
/// <param name="Id">Id of the folder for later requests.</param>
/// <param name="Name">Name of the folder at that time.</param>
/// <param name="UidValidity">UIDVALIDITY of the folder.</param>
/// <param name="UidNext">Lower bound for the UID of the next message.</param>
/// <param name="HighestModSeq">The highest mod-sequence so far.</param>
/// <param name="Uids">UIDs of all messages, ascending.</param>
/// <param name="FirstRecent">Messages with this UID or a higher one are <c>\Recent</c> in this session; null if there are none.</param>
/// <param name="FirstUnseen">The lowest UID without <c>\Seen</c>; null if there is none.</param>
/// <param name="Keywords">The keywords used in the folder.</param>
public sealed record FolderSnapshot(
    FolderId Id,
    FolderName Name,
    UidValidity UidValidity,
    uint UidNext,
    ModSeq HighestModSeq,
    UidList Uids,
    Uid? FirstRecent,
    Uid? FirstUnseen,
    KeywordSet Keywords)
{
    /// <summary>What the session may do with the folder.</summary>
    public FolderRights Rights { get; init; } = FolderRights.All;
}

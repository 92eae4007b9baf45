using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>The counters of a folder, which change with its messages. Changes are made to a copy, which replaces the original after it is committed.</summary>
internal record struct FolderRow
{
    /// <summary>The UID of the next message.</summary>
    public uint UidNext;

    /// <summary>The highest mod-sequence assigned.</summary>
    public long ModSeq;

    /// <summary>The removals after this mod-sequence are all recorded; earlier ones may have been forgotten.</summary>
    public long HistoryFrom;

    /// <summary>Messages with this UID or a higher one are <c>\Recent</c> for the next session.</summary>
    public uint RecentFrom;

    public int Messages;

    public int Unseen;

    public int Deleted;

    public long Size;

    /// <summary>Modification time of <c>cur/</c> after the last own change; a different time means that another tool has changed the directory.</summary>
    public long DirectoryTime;

    public static FolderRow Initial { get; } = new() { UidNext = 1, ModSeq = 1, HistoryFrom = 1, RecentFrom = 1 };

    public void Count(SystemFlags flags, long size, int sign)
    {
        Messages += sign;
        Size += sign * size;
        Recount(flags, sign);
    }

    public void Recount(SystemFlags flags, int sign)
    {
        if ((flags & SystemFlags.Seen) == 0) Unseen += sign;
        if ((flags & SystemFlags.Deleted) != 0) Deleted += sign;
    }
}

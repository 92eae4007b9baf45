using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>What changes in a folder with every change of its messages; a copy is changed first, saved, and put in place when that is committed.</summary>
internal record struct FolderRow
{
    /// <summary>The UID that the next message gets.</summary>
    public uint UidNext;

    /// <summary>The highest mod-sequence given.</summary>
    public long ModSeq;

    /// <summary>Messages from this UID on are <c>\Recent</c> for the next session.</summary>
    public uint RecentFrom;

    public int Messages;

    public int Unseen;

    public int Deleted;

    public long Size;

    /// <summary>The time of <c>cur/</c> as we left it; another time means that another tool was there.</summary>
    public long CurrentTime;

    public static FolderRow Fresh { get; } = new() { UidNext = 1, ModSeq = 1, RecentFrom = 1 };

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

using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>A message of a loaded folder: the data that FETCH and SEARCH use most.</summary>
internal record struct MessageEntry
{
    /// <summary>The Date field has not been read yet.</summary>
    public const int UnknownDay = int.MinValue;

    /// <summary>The message has no Date field.</summary>
    public const int NoDay = -1;

    public long ModSeq;

    /// <summary>Internal date in seconds of Unix time.</summary>
    public long Date;

    public long Size;

    public KeywordSet Keywords;

    /// <summary>Day number of the Date field in its own zone.</summary>
    public int SentDay;

    /// <summary>Time zone of the internal date in minutes east of UTC.</summary>
    public short Zone;

    public SystemFlags System;

    public readonly MessageFlags Flags => new(System, Keywords);

    public readonly DateTimeOffset InternalDate => DateTimeOffset.FromUnixTimeSeconds(Date).ToOffset(TimeSpan.FromMinutes(Zone));

    public static int Day(DateOnly? sentDate) => sentDate?.DayNumber ?? NoDay;

    public static MessageEntry Of(MessageFlags flags, DateTimeOffset date, long size, int sentDay) => new()
    {
        System = flags.System,
        Keywords = flags.Keywords,
        Date = date.ToUnixTimeSeconds(),
        Zone = (short)date.TotalOffsetMinutes,
        Size = size,
        SentDay = sentDay,
    };
}

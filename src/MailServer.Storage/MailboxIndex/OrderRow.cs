using MailServer.Domain.Messages;

namespace MailServer.Storage.MailboxIndex;

/// <summary>The known values of one message by which SORT and THREAD order.</summary>
internal sealed class OrderRow
{
    /// <summary>The fields that have been read.</summary>
    public OrderFields Known { get; set; }

    /// <summary>The sent time in seconds of Unix time; null if the message has none.</summary>
    public long? SentTime { get; set; }

    public string Subject { get; set; } = "";

    public bool IsReply { get; set; }

    public string From { get; set; } = "";

    public string To { get; set; } = "";

    public string Cc { get; set; } = "";

    public string DisplayFrom { get; set; } = "";

    public string DisplayTo { get; set; } = "";

    /// <summary>The number of the Message-ID in the <see cref="OrderCache"/>; negative if there is none.</summary>
    public int MessageId { get; set; } = -1;

    public int[] References { get; set; } = [];
}

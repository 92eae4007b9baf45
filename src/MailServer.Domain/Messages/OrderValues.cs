namespace MailServer.Domain.Messages;

/// <summary>The values of a message by which SORT and THREAD order (RFC 5256, RFC 5957).</summary>
[Flags]
public enum OrderFields
{
    None = 0,
    SentTime = 1,

    /// <summary>The base subject, and whether the subject marks a reply.</summary>
    Subject = 2,
    From = 4,
    To = 8,
    Cc = 16,
    DisplayFrom = 32,
    DisplayTo = 64,

    /// <summary>The Message-ID and the ids to which the message refers.</summary>
    References = 128,
}

/// <summary>Values of one message. Those that were not requested are empty; texts are folded by i;unicode-casemap (RFC 5051).</summary>
public sealed record OrderValues
{
    /// <summary>The time of the Date field; null if it is missing or cannot be read.</summary>
    public DateTimeOffset? SentTime { get; init; }

    public string Subject { get; init; } = "";

    /// <summary>The subject marks a reply or forward.</summary>
    public bool IsReply { get; init; }

    /// <summary>The local part of the first address.</summary>
    public string From { get; init; } = "";

    public string To { get; init; } = "";

    public string Cc { get; init; } = "";

    /// <summary>The name of the first address, or the address if it has none.</summary>
    public string DisplayFrom { get; init; } = "";

    public string DisplayTo { get; init; } = "";

    /// <summary>The id in normal form; null if the message has no valid one.</summary>
    public string? MessageId { get; init; }

    /// <summary>Ids in normal form, the parent last; bounded.</summary>
    public IReadOnlyList<string> References { get; init; } = [];
}

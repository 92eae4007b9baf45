namespace MailServer.Domain.Mailboxes;

/// <summary>What SORT compares (RFC 5256 §3, RFC 5957 §4).</summary>
public enum SortKey
{
    Arrival,
    Cc,
    Date,
    From,
    Size,
    Subject,
    To,
    DisplayFrom,
    DisplayTo,
}

/// <summary>A sort key, ascending or descending.</summary>
public readonly record struct SortCriterion(SortKey Key, bool Reverse);

/// <summary>The algorithms of THREAD (RFC 5256 §3).</summary>
public enum ThreadAlgorithm
{
    OrderedSubject,
    References,
}

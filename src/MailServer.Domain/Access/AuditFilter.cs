namespace MailServer.Domain.Access;

/// <summary>Selects events of the audit log. An event matches if all given criteria match; texts are compared without regard to case.</summary>
public sealed record AuditFilter
{
    /// <summary>The most words of <see cref="Text"/> that are searched for.</summary>
    public const int MostWords = 5;

    /// <summary>Earliest time, inclusive.</summary>
    public DateTimeOffset Since { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Latest time, exclusive; null: no limit.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>A kind such as <c>sign-in.failed</c>, or the part before its dot; null matches any.</summary>
    public string? Kind { get; init; }

    /// <summary>The account concerned; null matches any.</summary>
    public string? Account { get; init; }

    /// <summary>The origin, such as <c>web</c>; null matches any.</summary>
    public string? By { get; init; }

    /// <summary>Words that the event contains anywhere; null matches any.</summary>
    public string? Text { get; init; }

    /// <summary>Only events before this one, as <see cref="AuditPage.Next"/> of the page before; null: from the newest.</summary>
    public long? Before { get; init; }

    /// <summary>The number of events on a page.</summary>
    public int Max { get; init; } = 1_000;
}

/// <summary>A page of the audit log.</summary>
/// <param name="Events">The events, oldest first.</param>
/// <param name="Next">The <see cref="AuditFilter.Before"/> of the next, older page; null if there is none. A page may be empty although an older one follows: one request looks at a limited number of events.</param>
public sealed record AuditPage(IReadOnlyList<AuditEvent> Events, long? Next);

namespace MailServer.Domain.Delivery;

/// <summary>
/// Selects queued messages. A message matches if all given criteria match; recipient criteria must match
/// a waiting recipient. Addresses are compared without regard to case, and <c>*</c> matches any text.
/// </summary>
public sealed record QueueFilter
{
    private const char Any = '*';

    /// <summary>Notation for an empty reverse-path.</summary>
    public const string NullSender = "<>";

    /// <summary>Matches every message.</summary>
    public static QueueFilter Everything { get; } = new();

    /// <summary>Recipient pattern; null matches any.</summary>
    public string? To { get; init; }

    /// <summary>Sender pattern, <see cref="NullSender"/> for bounces; null matches any.</summary>
    public string? From { get; init; }

    /// <summary>Domain of the recipient, normalised; null matches any.</summary>
    public string? Domain { get; init; }

    /// <summary>Text contained in the last reply for the recipient; null matches any, including none.</summary>
    public string? Reason { get; init; }

    /// <summary>Latest time at which the message was queued; null matches any.</summary>
    public DateTimeOffset? QueuedBefore { get; init; }

    /// <summary>True if no criterion is set.</summary>
    public bool IsEverything => this == Everything;

    public bool Matches(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (QueuedBefore is { } before && item.QueuedAt > before) return false;
        if (From is not null && !Fits(From, item.Sender?.ToString() ?? NullSender)) return false;
        return (To ?? Domain ?? Reason) is null || item.Recipients.Any(Matches);
    }

    private bool Matches(QueueRecipient recipient) =>
        recipient.State == RecipientState.Waiting
        && (To is null || Fits(To, recipient.Address.ToString()))
        && (Domain is null || string.Equals(recipient.Address.Domain, Domain, StringComparison.OrdinalIgnoreCase))
        && (Reason is null || (recipient.LastAttempt is { } last && last.Reply.ToString().Contains(Reason, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Searches for the parts between asterisks in order, so that matching takes at most pattern length times text length.</summary>
    private static bool Fits(string pattern, string text)
    {
        var parts = pattern.Split(Any);
        if (parts.Length == 1) return string.Equals(pattern, text, StringComparison.OrdinalIgnoreCase);
        if (!text.StartsWith(parts[0], StringComparison.OrdinalIgnoreCase)) return false;
        var at = parts[0].Length;
        foreach (var part in parts.AsSpan(1, parts.Length - 2))
        {
            var found = text.IndexOf(part, at, StringComparison.OrdinalIgnoreCase);
            if (found < 0) return false;
            at = found + part.Length;
        }

        return text.Length - at >= parts[^1].Length && text.EndsWith(parts[^1], StringComparison.OrdinalIgnoreCase);
    }
}

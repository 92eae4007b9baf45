namespace MailServer.Domain.Delivery;

/// <summary>
/// Which queued messages are meant: those for which everything holds that is said here. What is said of recipients must hold for one that still waits.
/// Addresses are compared without regard to case, and <c>*</c> in them stands for any text.
/// </summary>
public sealed record QueueFilter
{
    private const char Any = '*';

    /// <summary>How an empty reverse-path is written.</summary>
    public const string NullSender = "<>";

    /// <summary>Every message.</summary>
    public static QueueFilter Everything { get; } = new();

    /// <summary>The recipient; null: anybody.</summary>
    public string? To { get; init; }

    /// <summary>The sender, <see cref="NullSender"/> for bounces; null: anybody.</summary>
    public string? From { get; init; }

    /// <summary>The recipient's domain, normalised; null: any.</summary>
    public string? Domain { get; init; }

    /// <summary>Part of the last answer for the recipient; null: any, or none.</summary>
    public string? Reason { get; init; }

    /// <summary>When the message was queued at the latest; null: at any time.</summary>
    public DateTimeOffset? QueuedBefore { get; init; }

    /// <summary>No message is left out.</summary>
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
        && (Reason is null || (recipient.Last is { } last && last.Reply.ToString().Contains(Reason, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Each part between two stars is looked for after the one before: no pattern takes longer than its text is long, times its own length.</summary>
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

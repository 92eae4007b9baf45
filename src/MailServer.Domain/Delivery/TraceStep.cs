using MailServer.Domain.Messages;

namespace MailServer.Domain.Delivery;

/// <summary>One event in the history of a message on this node.</summary>
/// <param name="Message">The message.</param>
/// <param name="MessageId">The Message-ID field, in the first event; null if already recorded or absent.</param>
/// <param name="At">Time of the event.</param>
/// <param name="Recipient">The recipient concerned; empty for all recipients.</param>
/// <param name="Text">Human-readable description.</param>
public sealed record TraceStep(SpoolId Message, string? MessageId, DateTimeOffset At, string Recipient, string Text)
{
    /// <summary>Normalises a Message-ID for lookups: removes angle brackets and white space.</summary>
    public static string? NormalizeMessageId(string? messageId) => messageId?.Trim().Trim('<', '>');
}

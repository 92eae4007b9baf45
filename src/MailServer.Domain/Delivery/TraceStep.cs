using MailServer.Domain.Messages;

namespace MailServer.Domain.Delivery;

/// <summary>One step in the story of a message that entered this node.</summary>
/// <param name="Message">Which message.</param>
/// <param name="MessageId">Its Message-ID field, in the first step; null where it is known already, or there is none.</param>
/// <param name="At">When.</param>
/// <param name="Recipient">Whom it is about; empty: all.</param>
/// <param name="What">What happened, for people.</param>
public sealed record TraceStep(SpoolId Message, string? MessageId, DateTimeOffset At, string Recipient, string What)
{
    /// <summary>A Message-ID as it is looked for: without brackets and space.</summary>
    public static string? Bare(string? messageId) => messageId?.Trim().Trim('<', '>');
}

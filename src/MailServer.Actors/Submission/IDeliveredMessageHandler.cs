using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Submission;

/// <summary>
/// Processes each message delivered here, for example a report to the server or an invitation to a calendar. It runs during delivery, after the mailboxes
/// (or the queue, for mailboxes that are temporarily unavailable) have the message and before the spool file is removed. It extracts what it needs from the
/// content, with a bound and only when the summary shows that the message is relevant, sends it to an actor, and returns. Exceptions are logged and do not
/// affect the accepted message.
/// </summary>
public interface IDeliveredMessageHandler
{
    /// <summary>True when it needs the content. Called for every message, so it must be cheap.</summary>
    bool Wants(DeliveredMessage message);

    /// <param name="message">The message.</param>
    /// <param name="content">The content, closed when this method returns.</param>
    void Read(DeliveredMessage message, MessageContent content);
}

/// <summary>A message that was delivered, or will be, to the mailboxes of its local recipients.</summary>
/// <param name="Spooled">Name, size and summary.</param>
/// <param name="Transaction">The transaction that it arrived in.</param>
/// <param name="Recipients">The accounts that get it, each with the address that led to it.</param>
/// <param name="Verdict">Result of the authentication checks; null for unchecked mail (submissions and our own messages).</param>
public sealed record DeliveredMessage(
    SpooledMessage Spooled, MailTransaction Transaction, IReadOnlyDictionary<AccountId, EmailAddress> Recipients, TrustVerdict? Verdict);

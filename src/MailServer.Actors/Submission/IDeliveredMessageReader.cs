using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Submission;

/// <summary>
/// Looks at each message that was delivered here: a report for the server itself, an invitation for a calendar. It runs in the delivery, after
/// the mailboxes have the message, or the queue for those that could not take it at once, and before the spool file goes, so it takes what it needs out of the content (bounded, and only when the
/// summary shows that it is meant), tells an actor, and returns. What it throws is logged and harms nothing: the mail is accepted already.
/// </summary>
public interface IDeliveredMessageReader
{
    /// <summary>Whether it wants to see the content. Asked for every message: cheap.</summary>
    bool Wants(DeliveredMessage message);

    /// <param name="message">The message.</param>
    /// <param name="content">Its octets, closed when this returns.</param>
    void Read(DeliveredMessage message, MessageContent content);
}

/// <summary>A message that lies in the mailboxes of its local recipients, or will.</summary>
/// <param name="Spooled">Its name, size and summary.</param>
/// <param name="Transaction">How it came.</param>
/// <param name="Recipients">The accounts that get it, each with the address that led there.</param>
/// <param name="Verdict">What the trust checks came to; null for mail that was not checked: submissions and our own.</param>
public sealed record DeliveredMessage(
    SpooledMessage Spooled, MailTransaction Transaction, IReadOnlyDictionary<AccountId, EmailAddress> Recipients, TrustVerdict? Verdict);

using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>A message to be sent to another host.</summary>
public sealed record OutgoingMessage
{
    /// <summary>The reverse-path; null is <c>&lt;&gt;</c>.</summary>
    public required EmailAddress? Sender { get; init; }

    public required IReadOnlyList<EmailAddress> Recipients { get; init; }

    /// <summary>The content; lines end with CRLF. The caller disposes it.</summary>
    public required MessageContent Content { get; init; }

    /// <summary>The content has octets above 127 (RFC 6152).</summary>
    public bool EightBit { get; init; }

    /// <summary>The header requires SMTPUTF8 (RFC 6531) or conversion. Addresses are checked separately.</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>Only send to hosts that offer REQUIRETLS, under TLS (RFC 8689).</summary>
    public bool RequireTls { get; init; }

    /// <summary>The priority from -9 to 9 (RFC 6710).</summary>
    public int Priority { get; init; }

    /// <summary>The remaining time until the delivery deadline; null without one (RFC 2852).</summary>
    public DeliverByValue? DeliverBy { get; init; }

    /// <summary>The requested delivery notifications, passed on to a host that offers DSN (RFC 3461 §5.2.1).</summary>
    public DsnRequest Dsn { get; init; } = DsnRequest.None;
}

/// <summary>The seconds until the deadline (negative when it has passed), and the action then; see <see cref="DeliverBy"/>.</summary>
public sealed record DeliverByValue(long Seconds, bool Return, bool Trace);

/// <summary>The host's final reply for each recipient, in the order of the message.</summary>
/// <param name="Recipients">One outcome per recipient.</param>
/// <param name="DsnPassedOn">The host supports DSN and sends the notifications for the recipients that it accepted.</param>
/// <param name="DeadlinePassedOn">The host supports DELIVERBY and observes the message's deadline, if any (RFC 2852).</param>
public sealed record SmtpOutcome(IReadOnlyList<RecipientOutcome> Recipients, bool DsnPassedOn, bool DeadlinePassedOn);

/// <summary>The outcome for one recipient: a 2yz reply means accepted, 4yz a temporary and 5yz a permanent failure.</summary>
/// <param name="Recipient">The recipient.</param>
/// <param name="Reply">The host's reply, or ours.</param>
/// <param name="IsPostponed">The host accepts this recipient only in another transaction, because this one has too many (RFC 5321 §4.5.3.1.10).</param>
public sealed record RecipientOutcome(EmailAddress Recipient, SmtpReply Reply, bool IsPostponed = false);

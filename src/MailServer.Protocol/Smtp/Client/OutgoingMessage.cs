using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>A message to be handed to another host.</summary>
public sealed record OutgoingMessage
{
    /// <summary>Null is <c>&lt;&gt;</c>.</summary>
    public required EmailAddress? Sender { get; init; }

    public required IReadOnlyList<EmailAddress> Recipients { get; init; }

    /// <summary>Lines end with CRLF. Stays the caller's to dispose.</summary>
    public required MessageContent Content { get; init; }

    /// <summary>It holds octets above 127 (RFC 6152).</summary>
    public bool EightBit { get; init; }

    /// <summary>Its header cannot be sent without SMTPUTF8 (RFC 6531); addresses that need it speak for themselves.</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>For hosts that offer REQUIRETLS, under TLS (RFC 8689).</summary>
    public bool RequireTls { get; init; }

    /// <summary>From -9 to 9 (RFC 6710).</summary>
    public int Priority { get; init; }

    /// <summary>What is left of the time that was set, null when none was (RFC 2852).</summary>
    public RemainingTime? DeliverBy { get; init; }

    /// <summary>What was asked about notices; passed on to a host that offers DSN (RFC 3461 §5.2.1).</summary>
    public DsnRequest Dsn { get; init; } = DsnRequest.None;
}

/// <summary>Seconds until a deadline (fewer than none when it has passed), and what happens then: see <see cref="DeliverBy"/>.</summary>
public sealed record RemainingTime(long Seconds, bool Return, bool Trace);

/// <summary>The last word of the host on each recipient, in the order of the message.</summary>
/// <param name="Recipients">One for each.</param>
/// <param name="DsnPassedOn">The host takes care of the notices for the recipients that it took.</param>
/// <param name="DeadlinePassedOn">The host minds the time by which the message is to be there (RFC 2852), if it has one.</param>
public sealed record SmtpOutcome(IReadOnlyList<RecipientOutcome> Recipients, bool DsnPassedOn, bool DeadlinePassedOn);

/// <summary>A 2yz reply: the host has taken responsibility; 4yz: try again; 5yz: never.</summary>
public sealed record RecipientOutcome(EmailAddress Recipient, SmtpReply Reply);

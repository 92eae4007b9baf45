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

    /// <summary>It cannot be sent without SMTPUTF8 (RFC 6531).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>What was asked about notices; passed on to a host that offers DSN (RFC 3461 §5.2.1).</summary>
    public DsnRequest Dsn { get; init; } = DsnRequest.None;
}

/// <summary>The last word of the host on each recipient, in the order of the message.</summary>
/// <param name="Recipients">One for each.</param>
/// <param name="DsnPassedOn">The host takes care of the notices for the recipients that it took.</param>
public sealed record SmtpOutcome(IReadOnlyList<RecipientOutcome> Recipients, bool DsnPassedOn);

/// <summary>A 2yz reply: the host has taken responsibility; 4yz: try again; 5yz: never.</summary>
public sealed record RecipientOutcome(EmailAddress Recipient, SmtpReply Reply);

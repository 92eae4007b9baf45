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

    /// <summary>Send it for all recipients or for none: one refused recipient ends the transaction before any content is sent.</summary>
    public bool AllOrNone { get; init; }

    /// <summary>It cannot be sent without SMTPUTF8 (RFC 6531).</summary>
    public bool SmtpUtf8 { get; init; }
}

/// <summary>The last word of the host on each recipient, in the order of the message.</summary>
public sealed record SmtpOutcome(IReadOnlyList<RecipientOutcome> Recipients);

/// <summary>A 2yz reply: the host has taken responsibility; 4yz: try again; 5yz: never.</summary>
public sealed record RecipientOutcome(EmailAddress Recipient, SmtpReply Reply);

using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Dsn;

/// <summary>The action field of a delivery status notification (RFC 3464 §2.3.3).</summary>
public enum DsnAction
{
    Failed,
    Delayed,

    /// <summary>Delivered to a mailbox on this server.</summary>
    Delivered,

    /// <summary>Relayed to a host that sends no notifications.</summary>
    Relayed,
}

/// <summary>The content of a delivery status notification (DSN) to the sender of a message.</summary>
public sealed record DsnMessage
{
    public required DsnAction Action { get; init; }

    /// <summary>The reporting host: this server.</summary>
    public required string Hostname { get; init; }

    /// <summary>The sender of the message. Messages with a null sender get no notification.</summary>
    public required EmailAddress To { get; init; }

    /// <summary>A unique value for the Message-ID and the MIME boundary.</summary>
    public required string UniqueId { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>ENVID in xtext; null when the client gave none.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>For a delay: the time at which delivery attempts end.</summary>
    public DateTimeOffset? RetryUntil { get; init; }

    public required IReadOnlyList<DsnRecipient> Recipients { get; init; }
}

/// <summary>One recipient of a delivery status notification.</summary>
/// <param name="Address">The address used for delivery.</param>
/// <param name="OriginalRecipient">ORCPT as given, or null.</param>
/// <param name="LastAttempt">The last delivery attempt; null when no host was reached.</param>
public sealed record DsnRecipient(EmailAddress Address, string? OriginalRecipient, DeliveryAttempt? LastAttempt);

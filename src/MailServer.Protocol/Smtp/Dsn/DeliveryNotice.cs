using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Dsn;

/// <summary>What a notice says of its recipients (RFC 3464 §2.3.3).</summary>
public enum DsnAction
{
    Failed,
    Delayed,

    /// <summary>In a mailbox here.</summary>
    Delivered,

    /// <summary>Taken by a host that sends no notices itself.</summary>
    Relayed,
}

/// <summary>A notice to the sender of a message on what became of some of its recipients, before it is written.</summary>
public sealed record DeliveryNotice
{
    public required DsnAction Action { get; init; }

    /// <summary>The host that reports: us.</summary>
    public required string Hostname { get; init; }

    /// <summary>The sender of the message; a message without one gets no notice.</summary>
    public required EmailAddress To { get; init; }

    /// <summary>Unique here: Message-ID and boundary are made of it.</summary>
    public required string Unique { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>ENVID in xtext; null when there was none.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>For a delay: when the message will be given up.</summary>
    public DateTimeOffset? RetriedUntil { get; init; }

    public required IReadOnlyList<RecipientNotice> Recipients { get; init; }
}

/// <summary>One recipient of a notice.</summary>
/// <param name="Address">As it was tried.</param>
/// <param name="OriginalRecipient">ORCPT as it was given, or null.</param>
/// <param name="Last">The last attempt; null when there was none that met a host.</param>
public sealed record RecipientNotice(EmailAddress Address, string? OriginalRecipient, DeliveryAttempt? Last);

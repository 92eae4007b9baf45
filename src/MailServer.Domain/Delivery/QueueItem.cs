using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;

namespace MailServer.Domain.Delivery;

/// <summary>A message queued for remote delivery: its envelope and the state of each recipient. The content is in the spool.</summary>
public sealed record QueueItem
{
    public required SpoolId Message { get; init; }

    /// <summary>The Message-ID field, for searches; null if absent.</summary>
    public required string? MessageId { get; init; }

    /// <summary>The reverse-path; null for <c>&lt;&gt;</c>, in which case no notifications are sent.</summary>
    public required EmailAddress? Sender { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>Number of octets to send.</summary>
    public required long Size { get; init; }

    /// <summary>Number of octets at the start of the spool file that are not sent: the server's own Return-Path field.</summary>
    public required int PrefixLength { get; init; }

    public required bool EightBit { get; init; }

    public required bool SmtpUtf8 { get; init; }

    public DsnReturn Return { get; init; }

    /// <summary>The ENVID parameter in xtext; null if absent.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>True while the message is held; it is not sent until it is released.</summary>
    public bool IsHeld { get; init; }

    /// <summary>True if REQUIRETLS was given (RFC 8689 §2): the message is sent only over verified TLS to hosts that support REQUIRETLS.</summary>
    public bool RequireTls { get; init; }

    /// <summary>True if the header contains <c>TLS-Required: No</c> (RFC 8689 §3): TLS policies do not delay the message.</summary>
    public bool TlsOptional { get; init; }

    /// <summary>MT-PRIORITY, from -9 to 9 (RFC 6710): higher priorities are sent first.</summary>
    public int Priority { get; init; }

    /// <summary>Earliest delivery time (RFC 4865); the message age counts from then. Null if not requested.</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>Delivery deadline (RFC 2852); null if not requested.</summary>
    public DeliverBy? DeliverBy { get; init; }

    public required IReadOnlyList<QueueRecipient> Recipients { get; init; }

    /// <summary>Time of the first delivery attempt; the message age counts from then.</summary>
    public DateTimeOffset StartsAt => HoldUntil is { } until && until > QueuedAt ? until : QueuedAt;

    /// <summary>True if no work is left; the spool file may then be removed.</summary>
    public bool IsFinished => Recipients.All(static r => r.State != RecipientState.Waiting && !r.DsnPending);
}

/// <summary>Delivery state of a recipient.</summary>
public enum RecipientState
{
    Waiting,

    /// <summary>Another host has accepted responsibility.</summary>
    Delivered,
    Failed,
}

/// <summary>A recipient of a queued message.</summary>
public sealed record QueueRecipient
{
    public required EmailAddress Address { get; init; }

    public DsnNotify Notify { get; init; } = DsnNotify.Unspecified;

    /// <summary>The ORCPT parameter as received; null if absent.</summary>
    public string? OriginalRecipient { get; init; }

    public RecipientState State { get; init; }

    public int Attempts { get; init; }

    /// <summary>Time of the next attempt, while waiting.</summary>
    public DateTimeOffset NextAttempt { get; init; }

    /// <summary>The last attempt; null before the first one.</summary>
    public DeliveryAttempt? LastAttempt { get; init; }

    /// <summary>True if the state is final and the sender must still be notified.</summary>
    public bool DsnPending { get; init; }

    /// <summary>True if the sender has been notified of the delay.</summary>
    public bool DelayNotified { get; init; }

    /// <summary>The local account whose mailbox deferred the delivery; null for remote recipients.</summary>
    public AccountId? Mailbox { get; init; }

    /// <summary>For a local mailbox: true if the message is delivered to Junk.</summary>
    public bool Quarantined { get; init; }
}

/// <summary>A delivery attempt and its final reply, either from the remote host or generated locally if no host was reached.</summary>
/// <param name="At">End of the attempt.</param>
/// <param name="Host">Name of the host; empty if no host was reached.</param>
/// <param name="Tls">TLS version, or the reason for sending without TLS; empty if nothing was sent.</param>
/// <param name="Reply">The final reply.</param>
public sealed record DeliveryAttempt(DateTimeOffset At, string Host, string Tls, SmtpReply Reply);

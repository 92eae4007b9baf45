using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;

namespace MailServer.Domain.Delivery;

/// <summary>A message that must still be sent to other hosts: its envelope and what became of each recipient. Its content lies in the spool.</summary>
public sealed record QueueItem
{
    public required SpoolId Message { get; init; }

    /// <summary>The Message-ID field, for who looks for it; null without one.</summary>
    public required string? MessageId { get; init; }

    /// <summary>Null is <c>&lt;&gt;</c>: nobody hears of what becomes of it.</summary>
    public required EmailAddress? Sender { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>Octets that are sent.</summary>
    public required long Size { get; init; }

    /// <summary>Octets at the start of the spool file that are not sent: our own Return-Path.</summary>
    public required int Skip { get; init; }

    public required bool EightBit { get; init; }

    public required bool SmtpUtf8 { get; init; }

    public DsnReturn Return { get; init; }

    /// <summary>ENVID, in xtext; null when there was none.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>Not sent until it is released.</summary>
    public bool Held { get; init; }

    /// <summary>REQUIRETLS was said (RFC 8689 §2): handed on under verified TLS only, to hosts that offer REQUIRETLS themselves.</summary>
    public bool RequireTls { get; init; }

    /// <summary><c>TLS-Required: No</c> stands in its header (RFC 8689 §3): policies that ask for TLS do not hold it up.</summary>
    public bool TlsOptional { get; init; }

    /// <summary>MT-PRIORITY, from -9 to 9 (RFC 6710): of what is due, the higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>Not sent earlier (RFC 4865); its age counts from then. Null: no such wish.</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>By when it is to be delivered; null when nothing was said (RFC 2852).</summary>
    public DeliverBy? DeliverBy { get; init; }

    public required IReadOnlyList<QueueRecipient> Recipients { get; init; }

    /// <summary>From when on it is tried: what its age is counted from.</summary>
    public DateTimeOffset StartsAt => HoldUntil is { } until && until > QueuedAt ? until : QueuedAt;

    /// <summary>Nothing is left to do: the spool file may go.</summary>
    public bool IsFinished => Recipients.All(static r => r.State != RecipientState.Waiting && !r.NoticeDue);
}

/// <summary>Where a recipient stands.</summary>
public enum RecipientState
{
    Waiting,

    /// <summary>Another host has taken responsibility.</summary>
    Delivered,
    Failed,
}

/// <summary>One recipient of a queued message.</summary>
public sealed record QueueRecipient
{
    public required EmailAddress Address { get; init; }

    public DsnNotify Notify { get; init; } = DsnNotify.Unsaid;

    /// <summary>ORCPT, as it was given; null when it was not.</summary>
    public string? OriginalRecipient { get; init; }

    public RecipientState State { get; init; }

    public int Attempts { get; init; }

    /// <summary>When it is tried next, while it waits.</summary>
    public DateTimeOffset NextAttempt { get; init; }

    /// <summary>The last attempt; null before the first.</summary>
    public DeliveryAttempt? Last { get; init; }

    /// <summary>Its state is final, and the sender must still be told.</summary>
    public bool NoticeDue { get; init; }

    /// <summary>The sender was told of the delay.</summary>
    public bool DelayNoticed { get; init; }

    /// <summary>The account whose mailbox could not take it at once; null: the recipient is elsewhere.</summary>
    public AccountId? Mailbox { get; init; }

    /// <summary>With a mailbox: it belongs into Junk.</summary>
    public bool Quarantined { get; init; }
}

/// <summary>One attempt and the last word in it: the other host's, or ours when none was reached.</summary>
/// <param name="At">Its end.</param>
/// <param name="Host">Which host; empty when none was reached.</param>
/// <param name="Tls">The protocol, or why the content went in the clear; empty when nothing was sent.</param>
/// <param name="Reply">The last word.</param>
public sealed record DeliveryAttempt(DateTimeOffset At, string Host, string Tls, SmtpReply Reply);

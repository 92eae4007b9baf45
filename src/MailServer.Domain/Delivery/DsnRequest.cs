using MailServer.Domain.Addresses;

namespace MailServer.Domain.Delivery;

/// <summary>The delivery status notifications that a sender requests for a recipient (NOTIFY, RFC 3461 §4.1).</summary>
[Flags]
public enum DsnNotify
{
    /// <summary>NOTIFY=NEVER.</summary>
    Never = 0,
    Success = 1,
    Failure = 2,
    Delay = 4,

    /// <summary>No NOTIFY parameter: the server reports failures, and delays at its own discretion.</summary>
    Unspecified = Failure | Delay | 8,
}

/// <summary>How much of the message a notification returns (RET, RFC 3461 §4.3).</summary>
public enum DsnReturn
{
    Unspecified,
    Headers,
    Full,
}

/// <summary>DSN parameters of one recipient.</summary>
/// <param name="Notify">The requested notifications.</param>
/// <param name="OriginalRecipient">The ORCPT parameter as received, <c>type;xtext</c> (RFC 3461 §4.2); null if absent.</param>
public sealed record RecipientDsnRequest(DsnNotify Notify, string? OriginalRecipient)
{
    public static RecipientDsnRequest Default { get; } = new(DsnNotify.Unspecified, null);
}

/// <summary>DSN parameters of one transaction (RFC 3461).</summary>
public sealed record DsnRequest
{
    public static DsnRequest None { get; } = new();

    public DsnReturn Return { get; init; }

    /// <summary>The ENVID parameter in xtext, as received (RFC 3461 §4.4); null if absent.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>The recipients that have DSN parameters.</summary>
    public IReadOnlyDictionary<EmailAddress, RecipientDsnRequest> Recipients { get; init; } = new Dictionary<EmailAddress, RecipientDsnRequest>();

    public RecipientDsnRequest Of(EmailAddress recipient) => Recipients.GetValueOrDefault(recipient, RecipientDsnRequest.Default);
}

using MailServer.Domain.Addresses;

namespace MailServer.Domain.Delivery;

/// <summary>What a sender wants to hear of a recipient (NOTIFY, RFC 3461 §4.1).</summary>
[Flags]
public enum DsnNotify
{
    /// <summary>NOTIFY=NEVER.</summary>
    Never = 0,
    Success = 1,
    Failure = 2,
    Delay = 4,

    /// <summary>Nothing was said: failures, and delays as this server does.</summary>
    Unsaid = Failure | Delay | 8,
}

/// <summary>How much of the message comes back with a notice (RET, RFC 3461 §4.3).</summary>
public enum DsnReturn
{
    Unsaid,
    Headers,
    Full,
}

/// <summary>What was asked for one recipient.</summary>
/// <param name="Notify">Which notices.</param>
/// <param name="OriginalRecipient">ORCPT as it was given, <c>type;xtext</c> (RFC 3461 §4.2); null when it was not.</param>
public sealed record RecipientRequest(DsnNotify Notify, string? OriginalRecipient)
{
    public static RecipientRequest Default { get; } = new(DsnNotify.Unsaid, null);
}

/// <summary>What was asked about notices in one transaction (RFC 3461).</summary>
public sealed record DsnRequest
{
    public static DsnRequest None { get; } = new();

    public DsnReturn Return { get; init; }

    /// <summary>ENVID in xtext, as it was given (RFC 3461 §4.4).</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>Recipients for which something was said.</summary>
    public IReadOnlyDictionary<EmailAddress, RecipientRequest> Recipients { get; init; } = new Dictionary<EmailAddress, RecipientRequest>();

    public RecipientRequest Of(EmailAddress recipient) => Recipients.GetValueOrDefault(recipient, RecipientRequest.Default);
}

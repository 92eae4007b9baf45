using System.Net;

namespace MailServer.Domain.Reports;

/// <summary>The TLS policy that applied to a connection (RFC 8460 §4.2).</summary>
public enum TlsPolicyType
{
    /// <summary>No policy was found.</summary>
    None,

    /// <summary>MTA-STS.</summary>
    Sts,

    /// <summary>DANE.</summary>
    Tlsa,
}

/// <summary>The TLS result of one attempt to send mail to a host of a domain (RFC 8460 §4).</summary>
public sealed record TlsObservation
{
    public required DateTimeOffset At { get; init; }

    /// <summary>The domain of the recipients.</summary>
    public required string PolicyDomain { get; init; }

    public required TlsPolicyType PolicyType { get; init; }

    /// <summary>The lines of the MTA-STS policy, or the TLSA records.</summary>
    public required IReadOnlyList<string> PolicyStrings { get; init; }

    /// <summary>Host names or patterns that the policy allows.</summary>
    public required IReadOnlyList<string> MxPatterns { get; init; }

    /// <summary>The failure type of RFC 8460 §4.3 (<c>starttls-not-supported</c>, <c>certificate-expired</c>, …); null for success.</summary>
    public required string? Failure { get; init; }

    /// <summary>Name of the host; null if no host was selected.</summary>
    public string? MxHost { get; init; }

    public IPAddress? ReceivingAddress { get; init; }

    public IPAddress? SendingAddress { get; init; }

    /// <summary>The name that the receiving host gave in its greeting.</summary>
    public string? ReceivingHelo { get; init; }

    /// <summary>Human-readable details.</summary>
    public string? Information { get; init; }
}

using System.Net;

namespace MailServer.Domain.Reports;

/// <summary>Which policy a host was met under (RFC 8460 §4.2).</summary>
public enum TlsPolicyType
{
    /// <summary>No policy was found.</summary>
    None,

    /// <summary>MTA-STS.</summary>
    Sts,

    /// <summary>DANE.</summary>
    Tlsa,
}

/// <summary>How TLS went in one attempt to give mail to a host of a domain (RFC 8460 §4).</summary>
public sealed record TlsObservation
{
    public required DateTimeOffset At { get; init; }

    /// <summary>The recipients' domain.</summary>
    public required string PolicyDomain { get; init; }

    public required TlsPolicyType PolicyType { get; init; }

    /// <summary>The lines of the MTA-STS policy, or the TLSA records.</summary>
    public required IReadOnlyList<string> PolicyStrings { get; init; }

    /// <summary>The patterns or names of the hosts that the policy allows.</summary>
    public required IReadOnlyList<string> MxPatterns { get; init; }

    /// <summary>The result type of RFC 8460 §4.3 (<c>starttls-not-supported</c>, <c>certificate-expired</c>, …); null: it went well.</summary>
    public required string? Failure { get; init; }

    /// <summary>The name of the host that was met, when it came to that.</summary>
    public string? MxHost { get; init; }

    public IPAddress? ReceivingAddress { get; init; }

    public IPAddress? SendingAddress { get; init; }

    /// <summary>What the receiving host called itself.</summary>
    public string? ReceivingHelo { get; init; }

    /// <summary>Details for people.</summary>
    public string? Information { get; init; }
}

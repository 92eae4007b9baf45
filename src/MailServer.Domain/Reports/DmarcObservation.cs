using System.Net;

namespace MailServer.Domain.Reports;

/// <summary>The DMARC result of one received message, to be counted in an aggregate report (RFC 9990 §3.1.1).</summary>
public sealed record DmarcObservation
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Address of the sending host.</summary>
    public required IPAddress Source { get; init; }

    /// <summary>The domain in the From field.</summary>
    public required string HeaderFrom { get; init; }

    /// <summary>The domain of the reverse-path; empty for a null reverse-path.</summary>
    public required string EnvelopeFrom { get; init; }

    /// <summary>The domain whose DMARC record was applied; null without a record. Such messages are not reported.</summary>
    public required string? PolicyDomain { get; init; }

    /// <summary>The DMARC record as published; its <c>rua</c> tag names the report destinations.</summary>
    public required string? PolicyRecord { get; init; }

    /// <summary>The disposition applied: <c>none</c>, <c>quarantine</c> or <c>reject</c>.</summary>
    public required string Disposition { get; init; }

    /// <summary>True if an aligned DKIM signature passed.</summary>
    public required bool DkimAligned { get; init; }

    /// <summary>True if SPF passed for an aligned domain.</summary>
    public required bool SpfAligned { get; init; }

    /// <summary>Reason why the disposition differs from the policy (<c>trusted_forwarder</c>, <c>local_policy</c>, …); null if it does not.</summary>
    public string? OverrideReason { get; init; }

    public required IReadOnlyList<DkimObservation> Dkim { get; init; }

    /// <summary>The domain checked by SPF and the result as in RFC 8601; null if SPF was not checked.</summary>
    public required (string Domain, string Result)? Spf { get; init; }
}

/// <summary>A DKIM signature and its result as in RFC 8601 §2.7.1.</summary>
public sealed record DkimObservation(string Domain, string Selector, string Result);

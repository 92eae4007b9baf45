using System.Net;

namespace MailServer.Domain.Reports;

/// <summary>One received message as the DMARC policy of its author's domain saw it: one row of an aggregate report (RFC 9990 §3.1.1).</summary>
public sealed record DmarcObservation
{
    public required DateTimeOffset At { get; init; }

    /// <summary>The host that sent it.</summary>
    public required IPAddress Source { get; init; }

    /// <summary>The domain in From.</summary>
    public required string HeaderFrom { get; init; }

    /// <summary>The domain of the reverse-path; empty for a null one.</summary>
    public required string EnvelopeFrom { get; init; }

    /// <summary>The domain whose record was applied; null without a record, which is not reported.</summary>
    public required string? PolicyDomain { get; init; }

    /// <summary>That record as DNS gave it (its <c>rua</c> is where the report goes).</summary>
    public required string? PolicyRecord { get; init; }

    /// <summary>What was done: <c>none</c>, <c>quarantine</c> or <c>reject</c>.</summary>
    public required string Disposition { get; init; }

    /// <summary>An aligned DKIM signature passed.</summary>
    public required bool DkimAligned { get; init; }

    /// <summary>SPF passed for an aligned domain.</summary>
    public required bool SpfAligned { get; init; }

    /// <summary>Why what was done is not what the policy asks for (<c>trusted_forwarder</c>, <c>local_policy</c>, …); null: it is.</summary>
    public string? OverrideReason { get; init; }

    public required IReadOnlyList<DkimObservation> Dkim { get; init; }

    /// <summary>The domain that SPF was checked for, and its result in the words of RFC 8601; null when it was not checked.</summary>
    public required (string Domain, string Result)? Spf { get; init; }
}

/// <summary>A signature and its result in the words of RFC 8601 §2.7.1.</summary>
public sealed record DkimObservation(string Domain, string Selector, string Result);

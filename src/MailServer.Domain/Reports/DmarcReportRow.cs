namespace MailServer.Domain.Reports;

/// <summary>A group of messages from one source with identical results (RFC 9990 §3.1.1).</summary>
public sealed record DmarcReportRow
{
    public required string Source { get; init; }

    public required long Count { get; init; }

    /// <summary><c>none</c>, <c>pass</c>, <c>quarantine</c> or <c>reject</c>.</summary>
    public required string Disposition { get; init; }

    public required bool DkimAligned { get; init; }

    public required bool SpfAligned { get; init; }

    /// <summary>Reasons why the disposition differs from the policy.</summary>
    public IReadOnlyList<PolicyOverrideReason> Reasons { get; init; } = [];

    public required string HeaderFrom { get; init; }

    /// <summary>Null if the report omits it; empty for a null reverse-path.</summary>
    public string? EnvelopeFrom { get; init; }

    public string? EnvelopeTo { get; init; }

    public IReadOnlyList<DkimObservation> Dkim { get; init; } = [];

    public IReadOnlyList<SpfObservation> Spf { get; init; } = [];

    public bool IsPass => DkimAligned || SpfAligned;
}

/// <summary>A policy override: a type of RFC 9990 §3.1.6 and a comment.</summary>
public sealed record PolicyOverrideReason(string Type, string Comment);

/// <summary>The SPF result of a domain as in RFC 8601 §2.7.2.</summary>
public sealed record SpfObservation(string Domain, string Result);

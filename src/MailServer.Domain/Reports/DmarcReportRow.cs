namespace MailServer.Domain.Reports;

/// <summary>Messages of one source that were alike (RFC 9990 §3.1.1).</summary>
public sealed record DmarcReportRow
{
    public required string Source { get; init; }

    public required long Count { get; init; }

    /// <summary><c>none</c>, <c>pass</c>, <c>quarantine</c> or <c>reject</c>.</summary>
    public required string Disposition { get; init; }

    public required bool DkimAligned { get; init; }

    public required bool SpfAligned { get; init; }

    /// <summary>Why the disposition is not what the policy asks for.</summary>
    public IReadOnlyList<DmarcReason> Reasons { get; init; } = [];

    public required string HeaderFrom { get; init; }

    /// <summary>Null when the report leaves it out; empty for a null reverse-path.</summary>
    public string? EnvelopeFrom { get; init; }

    public string? EnvelopeTo { get; init; }

    public IReadOnlyList<DkimObservation> Dkim { get; init; } = [];

    public IReadOnlyList<SpfObservation> Spf { get; init; } = [];

    public bool IsPass => DkimAligned || SpfAligned;
}

/// <summary>A type of RFC 9990 §3.1.6 and words for people.</summary>
public sealed record DmarcReason(string Type, string Comment);

/// <summary>What SPF said of a domain, in the words of RFC 8601 §2.7.2.</summary>
public sealed record SpfObservation(string Domain, string Result);

namespace MailServer.Domain.Reports;

/// <summary>A TLS report: the results of one sender's connections to the hosts of a domain (RFC 8460 §4).</summary>
public sealed record TlsReport
{
    public required string Organization { get; init; }

    /// <summary>Contact address of the reporting organization.</summary>
    public required string Contact { get; init; }

    public required string ReportId { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    public required IReadOnlyList<TlsReportPolicy> Policies { get; init; }

    public long Sessions => Policies.Sum(static p => p.Successful + p.Failed);

    public long Failures => Policies.Sum(static p => p.Failed);
}

/// <summary>The results under one policy (§4.2, §4.3).</summary>
public sealed record TlsReportPolicy
{
    /// <summary><c>tlsa</c>, <c>sts</c> or <c>no-policy-found</c>; unknown types are kept as received.</summary>
    public required string Type { get; init; }

    public IReadOnlyList<string> Strings { get; init; } = [];

    /// <summary>Empty if the report omits it.</summary>
    public string Domain { get; init; } = "";

    public IReadOnlyList<string> MxHosts { get; init; } = [];

    public required long Successful { get; init; }

    public required long Failed { get; init; }

    public IReadOnlyList<TlsReportFailure> Failures { get; init; } = [];
}

/// <summary>A group of sessions with the same failure (§4.4); values are empty if the report omits them.</summary>
public sealed record TlsReportFailure
{
    public required string Type { get; init; }

    public required long Count { get; init; }

    public string SendingAddress { get; init; } = "";

    public string MxHost { get; init; } = "";

    public string MxHelo { get; init; } = "";

    public string ReceivingAddress { get; init; } = "";

    public string Information { get; init; } = "";

    public string ReasonCode { get; init; } = "";
}

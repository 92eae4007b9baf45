namespace MailServer.Domain.Reports;

/// <summary>A TLS report: how one sender's connections to the hosts of a domain went (RFC 8460 §4).</summary>
public sealed record TlsReport
{
    public required string Organization { get; init; }

    /// <summary>Whom to ask about it.</summary>
    public required string Contact { get; init; }

    public required string ReportId { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    public required IReadOnlyList<TlsReportPolicy> Policies { get; init; }

    public long Sessions => Policies.Sum(static p => p.Successful + p.Failed);

    public long Failures => Policies.Sum(static p => p.Failed);
}

/// <summary>What was seen under one policy (§4.2, §4.3).</summary>
public sealed record TlsReportPolicy
{
    /// <summary><c>tlsa</c>, <c>sts</c> or <c>no-policy-found</c>; other words as a report has them.</summary>
    public required string Type { get; init; }

    public IReadOnlyList<string> Strings { get; init; } = [];

    /// <summary>Empty when the report leaves it out.</summary>
    public string Domain { get; init; } = "";

    public IReadOnlyList<string> MxHosts { get; init; } = [];

    public required long Successful { get; init; }

    public required long Failed { get; init; }

    public IReadOnlyList<TlsReportFailure> Failures { get; init; } = [];
}

/// <summary>Sessions that failed alike (§4.4); empty where nothing is said.</summary>
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

namespace MailServer.Domain.Reports;

/// <summary>A DMARC aggregate report: the mail that one receiver observed under one domain's policy (RFC 9990 §3.1).</summary>
public sealed record DmarcReport
{
    /// <summary>Name of the reporting organization.</summary>
    public required string Organization { get; init; }

    /// <summary>Contact address of the reporting organization.</summary>
    public required string Email { get; init; }

    public string ExtraContact { get; init; } = "";

    public required string ReportId { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    /// <summary>Error found in the policy record.</summary>
    public string Error { get; init; } = "";

    public string Generator { get; init; } = "";

    public required DmarcPublishedPolicy Policy { get; init; }

    public required IReadOnlyList<DmarcReportRow> Rows { get; init; }

    public long Messages => Rows.Sum(static r => r.Count);

    /// <summary>Number of messages for which neither DKIM nor SPF passed with alignment.</summary>
    public long Failures => Rows.Where(static r => !r.IsPass).Sum(static r => r.Count);
}

/// <summary>The published policy, with values as in the DMARC record; empty if the report omits them.</summary>
public sealed record DmarcPublishedPolicy
{
    public required string Domain { get; init; }

    public string Policy { get; init; } = "";

    public string SubdomainPolicy { get; init; } = "";

    public string NonexistentPolicy { get; init; } = "";

    /// <summary><c>r</c> or <c>s</c>.</summary>
    public string DkimAlignment { get; init; } = "";

    public string SpfAlignment { get; init; } = "";

    /// <summary><c>treewalk</c> or <c>psl</c>.</summary>
    public string Discovery { get; init; } = "";

    public string FailureOptions { get; init; } = "";

    /// <summary><c>y</c> or <c>n</c>.</summary>
    public string Testing { get; init; } = "";
}

namespace MailServer.Domain.Reports;

/// <summary>An aggregate report: what one receiver saw of mail under one domain's policy (RFC 9990 §3.1).</summary>
public sealed record DmarcReport
{
    /// <summary>Who reports.</summary>
    public required string Organization { get; init; }

    /// <summary>Whom to ask about it.</summary>
    public required string Email { get; init; }

    public string ExtraContact { get; init; } = "";

    public required string ReportId { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    /// <summary>What was wrong with the policy record.</summary>
    public string Error { get; init; } = "";

    public string Generator { get; init; } = "";

    public required DmarcPublishedPolicy Policy { get; init; }

    public required IReadOnlyList<DmarcReportRow> Rows { get; init; }

    public long Messages => Rows.Sum(static r => r.Count);

    /// <summary>Messages of which neither DKIM nor SPF spoke for the author's domain.</summary>
    public long Failures => Rows.Where(static r => !r.IsPass).Sum(static r => r.Count);
}

/// <summary>The policy that was found, in the words of the record; empty where a report leaves it out.</summary>
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

namespace MailServer.Domain.Reports;

/// <summary>A report received from another organization about a hosted domain.</summary>
public sealed record ReceivedReport
{
    /// <summary>Storage id; 0 before the report is stored.</summary>
    public long Id { get; init; }

    public required ReportKind Kind { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The reported domain.</summary>
    public required string Domain { get; init; }

    /// <summary>Name of the reporting organization.</summary>
    public required string Organization { get; init; }

    public required string ReportId { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    /// <summary>Number of messages (DMARC) or sessions (TLS).</summary>
    public required long Messages { get; init; }

    public required long Failures { get; init; }

    /// <summary>The envelope sender of the mail that contained the report.</summary>
    public required string Sender { get; init; }
}

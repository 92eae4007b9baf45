namespace MailServer.Domain.Reports;

/// <summary>A report about a domain of ours that another host sent.</summary>
public sealed record ReceivedReport
{
    /// <summary>Its number here; 0 before it is stored.</summary>
    public long Id { get; init; }

    public required ReportKind Kind { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The domain that it is about.</summary>
    public required string Domain { get; init; }

    /// <summary>Who reports.</summary>
    public required string Organization { get; init; }

    public required string ReportId { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    /// <summary>Messages, or sessions.</summary>
    public required long Messages { get; init; }

    public required long Failures { get; init; }

    /// <summary>The envelope sender of the mail that brought it.</summary>
    public required string Sender { get; init; }
}

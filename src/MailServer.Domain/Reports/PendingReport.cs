namespace MailServer.Domain.Reports;

/// <summary>A report that is still to be sent: the observations of one domain on one day (UTC).</summary>
/// <param name="Kind">Kind of report.</param>
/// <param name="Day">The day.</param>
/// <param name="Domain">The domain whose policy was observed.</param>
/// <param name="Messages">Number of messages (DMARC) or sessions (TLS).</param>
public sealed record PendingReport(ReportKind Kind, DateOnly Day, string Domain, long Messages);

/// <summary>The observations of one <see cref="PendingReport"/>.</summary>
/// <param name="Begin">Start of the reported period.</param>
/// <param name="PolicyRecord">The DMARC record; empty for TLS.</param>
/// <param name="Rows">Rows of a DMARC report.</param>
/// <param name="Policies">Policies of a TLS report.</param>
/// <param name="Counts">Id and count of each stored observation; subtracted after the report is sent.</param>
public sealed record PendingObservations(
    DateTimeOffset Begin, string PolicyRecord, IReadOnlyList<DmarcReportRow> Rows, IReadOnlyList<TlsReportPolicy> Policies, IReadOnlyList<(long Id, long Count)> Counts);

/// <summary>A report sent by this server, or skipped, with its result.</summary>
/// <param name="Subject">The reported observations.</param>
/// <param name="ReportId">Report id; empty if no report was generated.</param>
/// <param name="End">End of the reported period.</param>
/// <param name="At">Time of sending.</param>
/// <param name="Destinations">Destination URIs.</param>
/// <param name="Outcome">Human-readable result: sent, or the reason why not.</param>
public sealed record SentReport(PendingReport Subject, string ReportId, DateTimeOffset End, DateTimeOffset At, IReadOnlyList<string> Destinations, string Outcome);

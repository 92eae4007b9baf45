namespace MailServer.Domain.Reports;

/// <summary>What was noted about a domain on one day (UTC) and is not yet reported.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Day">The day.</param>
/// <param name="Domain">Whose policy it is.</param>
/// <param name="Messages">Messages, or sessions.</param>
public sealed record PendingReport(ReportKind Kind, DateOnly Day, string Domain, long Messages);

/// <summary>The notes of one <see cref="PendingReport"/>.</summary>
/// <param name="Begin">From when on they were made.</param>
/// <param name="PolicyRecord">The DMARC record; empty for TLS.</param>
/// <param name="Rows">What a DMARC report says.</param>
/// <param name="Policies">What a TLS report says.</param>
/// <param name="Notes">Number and count of each note, by which they are taken away once they are reported.</param>
public sealed record ObservedDay(
    DateTimeOffset Begin, string PolicyRecord, IReadOnlyList<DmarcReportRow> Rows, IReadOnlyList<TlsReportPolicy> Policies, IReadOnlyList<(long Id, long Count)> Notes);

/// <summary>A report of ours and what became of it.</summary>
/// <param name="About">What it reported.</param>
/// <param name="ReportId">Its name; empty when none was made.</param>
/// <param name="End">Until when it reports.</param>
/// <param name="At">When it was sent.</param>
/// <param name="Destinations">Where it went.</param>
/// <param name="Outcome">For people: sent, or why not.</param>
public sealed record SentReport(PendingReport About, string ReportId, DateTimeOffset End, DateTimeOffset At, IReadOnlyList<string> Destinations, string Outcome);

namespace MailServer.Web.Admin;

/// <summary>A report that came, as the admin API tells it.</summary>
public sealed record ReceivedReportDocument(
    long Id, DateTimeOffset ReceivedAt, string Domain, string Organization, DateTimeOffset Begin, DateTimeOffset End,
    long Messages, long Failures, string ReportId, string Sender);

/// <summary>A report of ours and what became of it.</summary>
public sealed record SentReportDocument(
    string Domain, string Day, long Messages, IReadOnlyList<string> Destinations, string Outcome, string ReportId, DateTimeOffset At);

/// <summary>A received DMARC report with its rows.</summary>
public sealed record DmarcReportDocument(ReceivedReportDocument Report, DmarcPolicyDocument Policy, IReadOnlyList<DmarcRowDocument> Rows);

/// <summary>The policy that the reporter found.</summary>
public sealed record DmarcPolicyDocument(string Domain, string P, string Sp, string Np, string Adkim, string Aspf, string Testing);

/// <summary>Messages that were alike. Results are <c>domain=result</c>.</summary>
public sealed record DmarcRowDocument(
    string Source, long Count, string Disposition, string Dkim, string Spf, string HeaderFrom, string EnvelopeFrom,
    IReadOnlyList<string> DkimResults, IReadOnlyList<string> SpfResults, IReadOnlyList<string> Reasons);

/// <summary>A received TLS report with its policies.</summary>
public sealed record TlsReportDocument(ReceivedReportDocument Report, IReadOnlyList<TlsPolicyDocument> Policies);

/// <summary>What was seen under one policy.</summary>
public sealed record TlsPolicyDocument(
    string Domain, string Type, IReadOnlyList<string> Strings, IReadOnlyList<string> MxHosts, long Successful, long Failed, IReadOnlyList<TlsFailureDocument> Failures);

/// <summary>Sessions that failed alike.</summary>
public sealed record TlsFailureDocument(
    string Type, long Count, string MxHost, string ReceivingIp, string SendingIp, string Helo, string Information, string ReasonCode);

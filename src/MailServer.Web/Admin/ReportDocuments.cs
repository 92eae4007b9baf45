namespace MailServer.Web.Admin;

/// <summary>A received report in the admin API.</summary>
public sealed record ReceivedReportDocument(
    long Id, DateTimeOffset ReceivedAt, string Domain, string Organization, DateTimeOffset Begin, DateTimeOffset End,
    long Messages, long Failures, string ReportId, string Sender);

/// <summary>What the received reports of a week, which begins on the Monday <paramref name="Week"/>, say about a domain.</summary>
public sealed record ReportSummaryDocument(string Domain, string Week, int Reports, long Messages, long Failures);

/// <summary>A sent report and its outcome.</summary>
public sealed record SentReportDocument(
    string Domain, string Day, long Messages, IReadOnlyList<string> Destinations, string Outcome, string ReportId, DateTimeOffset At);

/// <summary>A received DMARC report with its rows.</summary>
public sealed record DmarcReportDocument(ReceivedReportDocument Report, DmarcPolicyDocument Policy, IReadOnlyList<DmarcRowDocument> Rows);

/// <summary>The policy that the reporter applied.</summary>
public sealed record DmarcPolicyDocument(string Domain, string P, string Sp, string Np, string Adkim, string Aspf, string Testing);

/// <summary>A group of messages with the same results. Results have the form <c>domain=result</c>.</summary>
public sealed record DmarcRowDocument(
    string Source, long Count, string Disposition, string Dkim, string Spf, string HeaderFrom, string EnvelopeFrom,
    IReadOnlyList<string> DkimResults, IReadOnlyList<string> SpfResults, IReadOnlyList<string> Reasons);

/// <summary>A received TLS report with its policies.</summary>
public sealed record TlsReportDocument(ReceivedReportDocument Report, IReadOnlyList<TlsPolicyDocument> Policies);

/// <summary>The results for one policy.</summary>
public sealed record TlsPolicyDocument(
    string Domain, string Type, IReadOnlyList<string> Strings, IReadOnlyList<string> MxHosts, long Successful, long Failed, IReadOnlyList<TlsFailureDocument> Failures);

/// <summary>A group of sessions that failed in the same way.</summary>
public sealed record TlsFailureDocument(
    string Type, long Count, string MxHost, string ReceivingIp, string SendingIp, string Helo, string Information, string ReasonCode);

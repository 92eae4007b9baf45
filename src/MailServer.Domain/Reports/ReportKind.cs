namespace MailServer.Domain.Reports;

/// <summary>What a report is about.</summary>
public enum ReportKind
{
    /// <summary>How mail in a domain's name fared (DMARC aggregate reports, RFC 9990).</summary>
    Dmarc,

    /// <summary>How TLS to a domain's hosts went (RFC 8460).</summary>
    Tls,
}

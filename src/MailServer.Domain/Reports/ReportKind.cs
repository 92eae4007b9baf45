namespace MailServer.Domain.Reports;

/// <summary>The kind of a report.</summary>
public enum ReportKind
{
    /// <summary>DMARC aggregate reports (RFC 9990): authentication results of mail in a domain's name.</summary>
    Dmarc,

    /// <summary>TLS reports (RFC 8460): results of TLS connections to a domain's hosts.</summary>
    Tls,
}

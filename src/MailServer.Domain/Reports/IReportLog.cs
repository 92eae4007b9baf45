namespace MailServer.Domain.Reports;

/// <summary>
/// Where the server notes what domain owners asked to be told about: how mail in their name fared (DMARC, RFC 9990), and how TLS to their hosts went
/// (RFC 8460). Noting costs its caller nothing to speak of: it never waits and never throws; what cannot be kept is dropped and counted.
/// </summary>
public interface IReportLog
{
    void Record(DmarcObservation observation);

    void Record(TlsObservation observation);
}

/// <summary>Keeps nothing: reports are switched off.</summary>
public sealed class NoReports : IReportLog
{
    public static NoReports Instance { get; } = new();

    public void Record(DmarcObservation observation) { }

    public void Record(TlsObservation observation) { }
}

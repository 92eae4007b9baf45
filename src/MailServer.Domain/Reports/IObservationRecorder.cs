namespace MailServer.Domain.Reports;

/// <summary>
/// Records the observations that domain owners asked to have reported: DMARC results of mail in their name (RFC 9990) and TLS results
/// of connections to their hosts (RFC 8460). Recording never blocks and never throws; excess observations are dropped and counted.
/// </summary>
public interface IObservationRecorder
{
    void Record(DmarcObservation observation);

    void Record(TlsObservation observation);
}

/// <summary>Discards all observations; used when reports are disabled.</summary>
public sealed class NullObservationRecorder : IObservationRecorder
{
    public static NullObservationRecorder Instance { get; } = new();

    public void Record(DmarcObservation observation) { }

    public void Record(TlsObservation observation) { }
}

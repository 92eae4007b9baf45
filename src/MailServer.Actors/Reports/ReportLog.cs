using System.Collections.Concurrent;
using MailServer.Domain;
using MailServer.Domain.Reports;

namespace MailServer.Actors.Reports;

/// <summary>
/// Collects observations from any thread in a bounded buffer until the reports actor stores them. A crash loses the observations of the last seconds.
/// </summary>
public sealed class ReportLog(ReportOptions options, Limits limits) : IObservationRecorder
{
    private readonly ConcurrentQueue<DmarcObservation> _dmarc = new();
    private readonly ConcurrentQueue<TlsObservation> _tls = new();
    private int _waiting;
    private long _dropped;

    /// <summary>Number of observations dropped because the buffer was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Record(DmarcObservation observation)
    {
        if (options.Dmarc && TryEnter()) _dmarc.Enqueue(observation);
    }

    public void Record(TlsObservation observation)
    {
        if (options.Tls && TryEnter()) _tls.Enqueue(observation);
    }

    /// <summary>Removes and returns the observations collected since the last call.</summary>
    internal (IReadOnlyList<DmarcObservation> Dmarc, IReadOnlyList<TlsObservation> Tls) Drain()
    {
        var dmarc = new List<DmarcObservation>();
        var tls = new List<TlsObservation>();
        while (_dmarc.TryDequeue(out var seen)) dmarc.Add(seen);
        while (_tls.TryDequeue(out var seen)) tls.Add(seen);
        Interlocked.Add(ref _waiting, -(dmarc.Count + tls.Count));
        return (dmarc, tls);
    }

    private bool TryEnter()
    {
        if (Interlocked.Increment(ref _waiting) <= limits.ReportBacklog) return true;
        Interlocked.Decrement(ref _waiting);
        Interlocked.Increment(ref _dropped);
        return false;
    }
}

using System.Collections.Concurrent;
using MailServer.Domain;
using MailServer.Domain.Reports;

namespace MailServer.Actors.Reports;

/// <summary>
/// Takes observations from any thread and holds them, up to a bound, until the reports actor writes them down a moment later. What a crash takes
/// of them is missing in a statistic.
/// </summary>
public sealed class ReportLog(ReportOptions options, Limits limits) : IReportLog
{
    private readonly ConcurrentQueue<DmarcObservation> _dmarc = new();
    private readonly ConcurrentQueue<TlsObservation> _tls = new();
    private int _waiting;
    private long _dropped;

    /// <summary>Observations that found the log full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Record(DmarcObservation observation)
    {
        if (options.Dmarc && TryEnter()) _dmarc.Enqueue(observation);
    }

    public void Record(TlsObservation observation)
    {
        if (options.Tls && TryEnter()) _tls.Enqueue(observation);
    }

    /// <summary>What came since the last time.</summary>
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

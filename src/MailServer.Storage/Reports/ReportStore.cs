using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Storage.Health;

namespace MailServer.Storage.Reports;

/// <summary>
/// <c>reports.db</c>: what is to be reported to others, what was reported, and what others reported to us. Opened by its one owner and used by
/// one thread at a time. Nothing in it was ever acknowledged to anybody, so it is written without waiting for the disk, except what was sent; a
/// damaged file is replaced by an empty one.
/// </summary>
public sealed class ReportStore : IDisposable
{
    private readonly RebuildableStore<ReportTables> _tables;

    private ReportStore(RebuildableStore<ReportTables> tables) => _tables = tables;

    /// <summary>Observations that found no room since the database was opened.</summary>
    public long Dropped => _tables.Do(static tables => tables.Dropped);

    /// <param name="path">The file.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="isShared">It lies on a file system that several machines see: there a write-ahead log, which lives in shared memory, must not be.</param>
    /// <param name="problems">Where damage is reported.</param>
    public static ReportStore Open(string path, Limits limits, bool isShared = false, StoreProblems? problems = null) => new(new RebuildableStore<ReportTables>(
        StoreFile.Reports, path, file => ReportTables.Open(file, limits, isShared), problems ?? StoreProblems.Unheard, TimeProvider.System));

    /// <summary>Writes down observations in one transaction. Those without a policy are no one's business.</summary>
    public void Record(IReadOnlyCollection<DmarcObservation> dmarc, IReadOnlyCollection<TlsObservation> tls) => _tables.Do(tables => tables.Record(dmarc, tls));

    /// <summary>What is not yet reported, the oldest day first.</summary>
    public IReadOnlyList<PendingReport> Pending() => _tables.Do(static tables => tables.Pending());

    public ObservedDay Read(PendingReport about)
    {
        ArgumentNullException.ThrowIfNull(about);
        return _tables.Do(tables => tables.Read(about));
    }

    /// <summary>A report is done with, sent or not: its notes go, what became of it is remembered.</summary>
    public void Finish(SentReport sent, IEnumerable<(long Id, long Count)> notes) => _tables.Do(tables => tables.Finish(sent, notes));

    /// <summary>Nobody wants to be told.</summary>
    public void Forget(IEnumerable<(long Id, long Count)> notes) => _tables.Do(tables => tables.Forget(notes));

    public IReadOnlyList<SentReport> Sent(ReportKind kind, int max) => _tables.Do(tables => tables.Sent(kind, max));

    /// <summary>Keeps a report that came; answers its number.</summary>
    public long Keep(ReceivedReport report, byte[] document) => _tables.Do(tables => tables.Keep(report, document));

    public IReadOnlyList<ReceivedReport> Received(ReportKind kind, int max) => _tables.Do(tables => tables.Received(kind, max));

    public (ReceivedReport Report, byte[] Document)? FindReceived(ReportKind kind, long id) => _tables.Do(tables => tables.FindReceived(kind, id));

    /// <summary>Forgets observations of days before <paramref name="firstDay"/>, and reports received or sent before <paramref name="oldest"/>.</summary>
    public void Prune(DateOnly firstDay, DateTimeOffset oldest) => _tables.Do(tables => tables.Prune(firstDay, oldest));

    public void Dispose() => _tables.Dispose();
}

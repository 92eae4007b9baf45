using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Storage.Health;

namespace MailServer.Storage.Reports;

/// <summary>
/// The report database <c>reports.db</c>: observations to be reported, sent reports, and received reports. Opened by one owner. Nothing in it
/// has been acknowledged to a client, so commits are not flushed, except records of sent reports; a damaged file is replaced by an empty one.
/// </summary>
public sealed class ReportStore : IDisposable
{
    private readonly RebuildableStore<ReportTables> _tables;

    private ReportStore(RebuildableStore<ReportTables> tables) => _tables = tables;

    /// <summary>Number of observations dropped because a bound was reached, since the database was opened.</summary>
    public long Dropped => _tables.Do(static tables => tables.Dropped);

    /// <param name="path">The database file.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="isShared">True if the file is on a file system shared by several machines. A write-ahead log needs shared memory and cannot be used there.</param>
    /// <param name="problems">Receives reports of damage.</param>
    public static ReportStore Open(string path, Limits limits, bool isShared = false, StoreProblems? problems = null) => new(new RebuildableStore<ReportTables>(
        DatabaseKind.Reports, path, file => ReportTables.Open(file, limits, isShared), problems ?? StoreProblems.Discarding, TimeProvider.System));

    /// <summary>Records observations in one transaction. DMARC observations without a policy are ignored.</summary>
    public void Record(IReadOnlyCollection<DmarcObservation> dmarc, IReadOnlyCollection<TlsObservation> tls) => _tables.Do(tables => tables.Record(dmarc, tls));

    /// <summary>Lists the reports to be sent, oldest day first.</summary>
    public IReadOnlyList<PendingReport> Pending() => _tables.Do(static tables => tables.Pending());

    public PendingObservations Read(PendingReport about)
    {
        ArgumentNullException.ThrowIfNull(about);
        return _tables.Do(tables => tables.Read(about));
    }

    /// <summary>Records the result of a report and removes its observations.</summary>
    public void Finish(SentReport sent, IEnumerable<(long Id, long Count)> notes) => _tables.Do(tables => tables.Finish(sent, notes));

    /// <summary>Removes the observations of a domain that requests no reports.</summary>
    public void Forget(IEnumerable<(long Id, long Count)> notes) => _tables.Do(tables => tables.Forget(notes));

    public IReadOnlyList<SentReport> Sent(ReportKind kind, int max) => _tables.Do(tables => tables.Sent(kind, max));

    /// <summary>Stores a received report and returns its id.</summary>
    public long Keep(ReceivedReport report, byte[] document) => _tables.Do(tables => tables.Keep(report, document));

    public IReadOnlyList<ReceivedReport> Received(ReportKind kind, int max) => _tables.Do(tables => tables.Received(kind, max));

    public (ReceivedReport Report, byte[] Document)? FindReceived(ReportKind kind, long id) => _tables.Do(tables => tables.FindReceived(kind, id));

    /// <summary>Removes observations of days before <paramref name="firstDay"/>, and reports sent or received before <paramref name="oldest"/>.</summary>
    public void Prune(DateOnly firstDay, DateTimeOffset oldest) => _tables.Do(tables => tables.Prune(firstDay, oldest));

    public void Dispose() => _tables.Dispose();
}

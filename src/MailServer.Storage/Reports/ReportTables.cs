using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Reports;

/// <summary>The tables of an open <c>reports.db</c>. Not thread-safe.</summary>
internal sealed class ReportTables : IDisposable
{
    private const int LongestRecord = 2_000;

    private readonly SqliteDatabase _database;
    private readonly ObservationTable _observed;
    private readonly ReceivedReportTable _received;
    private readonly SentReportTable _sent;

    private ReportTables(SqliteDatabase database, Limits limits)
    {
        _database = database;
        _observed = new ObservationTable(database, limits);
        _received = new ReceivedReportTable(database, limits);
        _sent = new SentReportTable(database, limits);
    }

    /// <summary>Number of observations dropped because a bound was reached, since the database was opened.</summary>
    public long Dropped => _observed.Dropped;

    /// <param name="path">The database file.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="isShared">True if the file is on a file system shared by several machines. A write-ahead log needs shared memory and cannot be used there.</param>
    public static ReportTables Open(string path, Limits limits, bool isShared)
    {
        var database = SqliteDatabase.Open(path);
        try
        {
            database.RequireWritable();
            database.Execute($"PRAGMA busy_timeout = 5000; PRAGMA journal_mode = {(isShared ? "TRUNCATE" : "WAL")}; PRAGMA synchronous = NORMAL");
            ReportSchema.Migrate(database);
            SqliteDatabase.MakePrivate(path);
            return new ReportTables(database, limits);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Records observations in one transaction. DMARC observations without a policy are ignored.</summary>
    public void Record(IReadOnlyCollection<DmarcObservation> dmarc, IReadOnlyCollection<TlsObservation> tls) => InTransaction(() =>
    {
        foreach (var seen in dmarc)
        {
            if (seen is { PolicyDomain: { } domain, PolicyRecord: { } record })
                _observed.Add(ReportKind.Dmarc, DayOf(seen.At), domain.ToLowerInvariant(), ObservationKey.Of(seen), Cut(record));
        }

        foreach (var seen in tls)
            _observed.Add(ReportKind.Tls, DayOf(seen.At), seen.PolicyDomain.ToLowerInvariant(), ObservationKey.Of(seen), null);
    });

    /// <summary>Lists the reports to be sent, oldest day first.</summary>
    public IReadOnlyList<PendingReport> Pending() => _observed.Pending();

    public PendingObservations Read(PendingReport about)
    {
        ArgumentNullException.ThrowIfNull(about);
        var (kind, day, domain, _) = about;
        var rows = _observed.Rows(kind, day, domain);
        return new PendingObservations(
            // Periods do not overlap (RFC 9990 §3.1.1.4).
            _sent.LastEnd(kind, day, domain)?.AddSeconds(1) ?? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
            kind == ReportKind.Dmarc ? _observed.PolicyRecord(day, domain) : "",
            kind == ReportKind.Dmarc ? [.. rows.Select(static r => ObservationKey.ReadDmarc(r.Row, r.Count))] : [],
            kind == ReportKind.Tls ? ObservationKey.ReadTls(domain, rows.Select(static r => (r.Row, r.Count))) : [],
            [.. rows.Select(static r => (r.Id, r.Count))]);
    }

    /// <summary>Records the result of a report and removes its observations.</summary>
    public void Finish(SentReport sent, IEnumerable<(long Id, long Count)> notes)
    {
        InTransaction(() =>
        {
            _sent.Add(sent);
            _observed.Subtract(notes);
        });
        // Flushed, because sending a report twice is worse than sending it late.
        _database.Execute("PRAGMA wal_checkpoint(FULL)");
    }

    /// <summary>Removes the observations of a domain that requests no reports.</summary>
    public void Forget(IEnumerable<(long Id, long Count)> notes) => InTransaction(() => _observed.Subtract(notes));

    public IReadOnlyList<SentReport> Sent(ReportKind kind, int max) => _sent.List(kind, max);

    /// <summary>Stores a received report and returns its id.</summary>
    public long Keep(ReceivedReport report, byte[] document)
    {
        var id = 0L;
        InTransaction(() => id = _received.Add(report, document));
        return id;
    }

    public IReadOnlyList<ReceivedReport> Received(ReportKind kind, int max) => _received.List(kind, max);

    public (ReceivedReport Report, byte[] Document)? FindReceived(ReportKind kind, long id) => _received.Find(kind, id);

    /// <summary>Removes observations of days before <paramref name="firstDay"/>, and reports sent or received before <paramref name="oldest"/>.</summary>
    public void Prune(DateOnly firstDay, DateTimeOffset oldest) => InTransaction(() =>
    {
        _observed.RemoveBefore(firstDay);
        _received.Prune(oldest);
        _sent.Prune(oldest);
    });

    public void Dispose() => _database.Dispose();

    private void InTransaction(Action work)
    {
        _database.Begin();
        try
        {
            work();
            _database.Commit();
        }
        catch
        {
            _database.Rollback();
            _observed.CountRows();
            throw;
        }
    }

    private static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    private static string Cut(string record) => record.Length <= LongestRecord ? record : record[..LongestRecord];
}

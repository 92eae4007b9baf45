using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Reports;

/// <summary>Observations that are not reported yet. Equal observations are counted in one row; rows per domain and per day are bounded.</summary>
internal sealed class ObservationTable
{
    private const int FarAhead = 10;

    private readonly Limits _limits;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _count;
    private readonly SqliteStatement _add;
    private readonly SqliteStatement _policy;
    private readonly SqliteStatement _subtract;
    private readonly SqliteStatement _remove;
    private readonly SqliteStatement _rows;
    private readonly SqliteStatement _record;
    private readonly SqliteStatement _pending;
    private readonly SqliteStatement _rowCounts;
    private readonly SqliteDatabase _database;
    private readonly Dictionary<(ReportKind, int), int> _ofDay = [];
    private readonly Dictionary<(ReportKind, int, string), int> _ofDomain = [];

    public ObservationTable(SqliteDatabase database, Limits limits)
    {
        _database = database;
        _limits = limits;
        _find = database.Prepare("SELECT id FROM observed WHERE kind = ? AND day = ? AND domain = ? AND row = ?");
        _count = database.Prepare("UPDATE observed SET count = count + 1 WHERE id = ?");
        _add = database.Prepare("INSERT INTO observed (kind, day, domain, row, count) VALUES (?, ?, ?, ?, 1)");
        _policy = database.Prepare("INSERT INTO policies VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record WHERE record <> excluded.record");
        _subtract = database.Prepare("UPDATE observed SET count = count - ? WHERE id = ?");
        _remove = database.Prepare("DELETE FROM observed WHERE id = ? AND count <= 0");
        _rows = database.Prepare("SELECT id, row, count FROM observed WHERE kind = ? AND day = ? AND domain = ? ORDER BY count DESC, id");
        _record = database.Prepare("SELECT record FROM policies WHERE day = ? AND domain = ?");
        _pending = database.Prepare("SELECT kind, day, domain, sum(count) FROM observed GROUP BY kind, day, domain ORDER BY day, kind, domain");
        _rowCounts = database.Prepare("SELECT kind, day, domain, count(*) FROM observed GROUP BY kind, day, domain");
        CountRows();
    }

    /// <summary>Number of observations dropped because a bound was reached.</summary>
    public long Dropped { get; private set; }

    public void Add(ReportKind kind, DateOnly day, string domain, string row, string? policyRecord)
    {
        if (TryCount(kind, day, domain, row))
        {
            // The last record seen is the one that is reported (RFC 9990 §3.1).
            if (policyRecord is not null) _policy.Bind(1, day.DayNumber).Bind(2, domain).Bind(3, policyRecord).Run();
        }
        else
        {
            Dropped++;
        }
    }

    public IReadOnlyList<PendingReport> Pending()
    {
        var pending = new List<PendingReport>();
        while (_pending.Step())
            pending.Add(new PendingReport((ReportKind)_pending.Long(0), DateOnly.FromDayNumber((int)_pending.Long(1)), _pending.Text(2)!, _pending.Long(3)));
        _pending.Reset();
        return pending;
    }

    public IReadOnlyList<(long Id, string Row, long Count)> Rows(ReportKind kind, DateOnly day, string domain)
    {
        var rows = new List<(long, string, long)>();
        _rows.Bind(1, (int)kind).Bind(2, day.DayNumber).Bind(3, domain);
        while (_rows.Step()) rows.Add((_rows.Long(0), _rows.Text(1)!, _rows.Long(2)));
        _rows.Reset();
        return rows;
    }

    public string PolicyRecord(DateOnly day, string domain)
    {
        var record = _record.Bind(1, day.DayNumber).Bind(2, domain).Step() ? _record.Text(0)! : "";
        _record.Reset();
        return record;
    }

    /// <summary>Subtracts reported counts; observations added since then remain for the next report.</summary>
    public void Subtract(IEnumerable<(long Id, long Count)> notes)
    {
        foreach (var (id, count) in notes)
        {
            _subtract.Bind(1, count).Bind(2, id).Run();
            _remove.Bind(1, id).Run();
        }
    }

    /// <summary>Removes days before this one, and days more than a few days after it.</summary>
    public void RemoveBefore(DateOnly day)
    {
        // Days that a wrong clock recorded years ahead would otherwise never be reported.
        _database.Execute($"DELETE FROM observed WHERE day < {day.DayNumber} OR day > {day.DayNumber + FarAhead}");
        _database.Execute($"DELETE FROM policies WHERE NOT EXISTS (SELECT 1 FROM observed o WHERE o.kind = {(int)ReportKind.Dmarc} AND o.day = policies.day AND o.domain = policies.domain)");
        CountRows();
    }

    /// <summary>Reloads the row counts with which the bounds are checked.</summary>
    public void CountRows()
    {
        _ofDay.Clear();
        _ofDomain.Clear();
        while (_rowCounts.Step())
            Grow((ReportKind)_rowCounts.Long(0), (int)_rowCounts.Long(1), _rowCounts.Text(2)!, (int)_rowCounts.Long(3));
        _rowCounts.Reset();
    }

    private bool TryCount(ReportKind kind, DateOnly day, string domain, string row)
    {
        var found = _find.Bind(1, (int)kind).Bind(2, day.DayNumber).Bind(3, domain).Bind(4, row).Step() ? _find.Long(0) : (long?)null;
        _find.Reset();
        if (found is { } id)
        {
            _count.Bind(1, id).Run();
            return true;
        }

        var isFull = _ofDay.GetValueOrDefault((kind, day.DayNumber)) >= _limits.ReportRowsPerDay
            || _ofDomain.GetValueOrDefault((kind, day.DayNumber, domain)) >= _limits.ReportRows;
        if (isFull) return false;
        _add.Bind(1, (int)kind).Bind(2, day.DayNumber).Bind(3, domain).Bind(4, row).Run();
        Grow(kind, day.DayNumber, domain, 1);
        return true;
    }

    private void Grow(ReportKind kind, int day, string domain, int rows)
    {
        _ofDay[(kind, day)] = _ofDay.GetValueOrDefault((kind, day)) + rows;
        _ofDomain[(kind, day, domain)] = _ofDomain.GetValueOrDefault((kind, day, domain)) + rows;
    }
}

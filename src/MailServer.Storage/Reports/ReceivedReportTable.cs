using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Reports;

/// <summary>Received reports, newest first, with their documents in a separate table. A repeated report replaces the previous one.</summary>
internal sealed class ReceivedReportTable(SqliteDatabase database, Limits limits)
{
    private const string Columns = "id, kind, at, domain, organization, report_id, since, until, messages, failures, sender";

    private readonly SqliteStatement _add = database.Prepare("""
        INSERT INTO received (kind, at, domain, organization, report_id, since, until, messages, failures, sender, size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET at = excluded.at, since = excluded.since, until = excluded.until, messages = excluded.messages,
            failures = excluded.failures, sender = excluded.sender, size = excluded.size
        RETURNING id
        """);

    private readonly SqliteStatement _addDocument = database.Prepare("INSERT OR REPLACE INTO documents VALUES (?, ?)");
    private readonly SqliteStatement _list = database.Prepare($"SELECT {Columns} FROM received WHERE kind = ? ORDER BY at DESC, id DESC LIMIT ?");
    private readonly SqliteStatement _find = database.Prepare($"SELECT {Columns} FROM received WHERE kind = ? AND id = ?");
    private readonly SqliteStatement _document = database.Prepare("SELECT document FROM documents WHERE id = ?");

    public long Add(ReceivedReport report, ReadOnlySpan<byte> document)
    {
        _add.Bind(1, (int)report.Kind).Bind(2, report.ReceivedAt.ToUnixTimeSeconds()).Bind(3, report.Domain).Bind(4, report.Organization).Bind(5, report.ReportId);
        _add.Bind(6, report.Begin.ToUnixTimeSeconds()).Bind(7, report.End.ToUnixTimeSeconds()).Bind(8, report.Messages).Bind(9, report.Failures);
        _add.Bind(10, report.Sender).Bind(11, document.Length).Step();
        var id = _add.Long(0);
        _add.Reset();
        _addDocument.Bind(1, id).BindBlob(2, document).Run();
        return id;
    }

    public IReadOnlyList<ReceivedReport> List(ReportKind kind, int max)
    {
        var reports = new List<ReceivedReport>();
        _list.Bind(1, (int)kind).Bind(2, max);
        while (_list.Step()) reports.Add(Read(_list));
        _list.Reset();
        return reports;
    }

    public (ReceivedReport Report, byte[] Document)? Find(ReportKind kind, long id)
    {
        var report = _find.Bind(1, (int)kind).Bind(2, id).Step() ? Read(_find) : null;
        _find.Reset();
        if (report is null) return null;
        var document = _document.Bind(1, id).Step() ? _document.Blob(0).ToArray() : [];
        _document.Reset();
        return (report, document);
    }

    /// <summary>Removes old reports and the oldest excess ones.</summary>
    public void Prune(DateTimeOffset oldest)
    {
        database.Execute($"DELETE FROM received WHERE at < {oldest.ToUnixTimeSeconds()}");
        database.Execute($"DELETE FROM received WHERE id IN (SELECT id FROM received ORDER BY at DESC, id DESC LIMIT -1 OFFSET {limits.RetainedReports})");
        database.Execute($"""
            DELETE FROM received WHERE id IN
                (SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY at DESC, id DESC) AS octets FROM received) WHERE octets > {limits.RetainedReportOctets})
            """);
        database.Execute("DELETE FROM documents WHERE id NOT IN (SELECT id FROM received)");
    }

    private static ReceivedReport Read(SqliteStatement row) => new()
    {
        Id = row.Long(0),
        Kind = (ReportKind)row.Long(1),
        ReceivedAt = DateTimeOffset.FromUnixTimeSeconds(row.Long(2)),
        Domain = row.Text(3)!,
        Organization = row.Text(4)!,
        ReportId = row.Text(5)!,
        Begin = DateTimeOffset.FromUnixTimeSeconds(row.Long(6)),
        End = DateTimeOffset.FromUnixTimeSeconds(row.Long(7)),
        Messages = row.Long(8),
        Failures = row.Long(9),
        Sender = row.Text(10)!,
    };
}

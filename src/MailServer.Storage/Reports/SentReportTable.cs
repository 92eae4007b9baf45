using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Reports;

/// <summary>Sent reports and their results.</summary>
internal sealed class SentReportTable(SqliteDatabase database, Limits limits)
{
    private readonly SqliteStatement _add = database.Prepare(
        "INSERT INTO sent (kind, day, domain, messages, report_id, until, at, destinations, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");

    private readonly SqliteStatement _until = database.Prepare("SELECT max(until) FROM sent WHERE kind = ? AND day = ? AND domain = ?");

    private readonly SqliteStatement _list = database.Prepare(
        "SELECT kind, day, domain, messages, report_id, until, at, destinations, outcome FROM sent WHERE kind = ? ORDER BY id DESC LIMIT ?");

    public void Add(SentReport sent)
    {
        _add.Bind(1, (int)sent.Subject.Kind).Bind(2, sent.Subject.Day.DayNumber).Bind(3, sent.Subject.Domain).Bind(4, sent.Subject.Messages).Bind(5, sent.ReportId);
        _add.Bind(6, sent.End.ToUnixTimeSeconds()).Bind(7, sent.At.ToUnixTimeSeconds()).Bind(8, string.Join('\n', sent.Destinations)).Bind(9, sent.Outcome).Run();
    }

    /// <summary>Returns the end of the last report of this day; null if there was none.</summary>
    public DateTimeOffset? LastEnd(ReportKind kind, DateOnly day, string domain)
    {
        _until.Bind(1, (int)kind).Bind(2, day.DayNumber).Bind(3, domain).Step();
        DateTimeOffset? end = _until.IsNull(0) ? null : DateTimeOffset.FromUnixTimeSeconds(_until.Long(0));
        _until.Reset();
        return end;
    }

    public IReadOnlyList<SentReport> List(ReportKind kind, int max)
    {
        var sent = new List<SentReport>();
        _list.Bind(1, (int)kind).Bind(2, max);
        while (_list.Step()) sent.Add(Read(_list));
        _list.Reset();
        return sent;
    }

    public void Prune(DateTimeOffset oldest)
    {
        database.Execute($"DELETE FROM sent WHERE at < {oldest.ToUnixTimeSeconds()}");
        database.Execute($"DELETE FROM sent WHERE id <= (SELECT coalesce(max(id), 0) FROM sent) - {limits.RetainedReports}");
    }

    private static SentReport Read(SqliteStatement row) => new(
        new PendingReport((ReportKind)row.Long(0), DateOnly.FromDayNumber((int)row.Long(1)), row.Text(2)!, row.Long(3)),
        row.Text(4)!,
        DateTimeOffset.FromUnixTimeSeconds(row.Long(5)),
        DateTimeOffset.FromUnixTimeSeconds(row.Long(6)),
        row.Text(7)!.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        row.Text(8)!);
}

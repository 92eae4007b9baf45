using MailServer.Domain.Measurements;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.History;

/// <summary>
/// The points in an open <c>history.db</c>: a ring for each period. A point is stored at its number modulo the size of the ring, and replaces the one of the round before. Not thread-safe.
/// </summary>
internal sealed class HistoryTable : IDisposable
{
    internal const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA journal_size_limit = 1048576;
        CREATE TABLE IF NOT EXISTS points (span INTEGER NOT NULL, position INTEGER NOT NULL, at INTEGER NOT NULL, received INTEGER NOT NULL, sent INTEGER NOT NULL, refused INTEGER NOT NULL,
          octets_in INTEGER NOT NULL, octets_out INTEGER NOT NULL, queued INTEGER NOT NULL, sign_ins INTEGER NOT NULL, refused_sign_ins INTEGER NOT NULL, PRIMARY KEY (span, position)) WITHOUT ROWID;
        """;

    private const string Columns = "received, sent, refused, octets_in, octets_out, queued, sign_ins, refused_sign_ins";

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _add;
    private readonly SqliteStatement _read;

    private HistoryTable(SqliteDatabase database)
    {
        _database = database;
        database.Execute(Schema);
        var sums = string.Join(", ", Columns.Split(", ").Select(static c => c == "queued"
            ? "queued = CASE WHEN at = excluded.at THEN max(queued, excluded.queued) ELSE excluded.queued END"
            : $"{c} = CASE WHEN at = excluded.at THEN {c} + excluded.{c} ELSE excluded.{c} END"));
        _add = database.Prepare($"INSERT INTO points (span, position, at, {Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (span, position) DO UPDATE SET {sums}, at = excluded.at");
        _read = database.Prepare($"SELECT at, {Columns} FROM points WHERE span = ?1 AND at > ?2 AND at <= ?3 ORDER BY at");
    }

    /// <summary>Opens or creates the table in a file, or in memory.</summary>
    public static HistoryTable Open(string path)
    {
        var database = SqliteDatabase.Open(path);
        try
        {
            database.RequireWritable();
            var table = new HistoryTable(database);
            SqliteDatabase.MakePrivate(path);
            return table;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Adds values to the current point of every period, in one transaction.</summary>
    public void Add(DateTimeOffset now, HistoryValues values)
    {
        _database.Begin();
        try
        {
            foreach (var span in Enum.GetValues<HistorySpan>()) Add(span, HistorySpans.StartOf(span, now), values);
            _database.Commit();
        }
        catch
        {
            _database.Rollback();
            throw;
        }
    }

    /// <summary>The points of a period that ends now, oldest first, without those in which nothing was recorded. Points in the future, from a wrong clock, are left out.</summary>
    public IReadOnlyList<HistoryPoint> Read(HistorySpan span, DateTimeOffset now)
    {
        var last = HistorySpans.StartOf(span, now);
        var points = new List<HistoryPoint>();
        _read.Bind(1, (long)span).Bind(2, (last - (HistorySpans.StepOf(span) * HistorySpans.PointsOf(span))).ToUnixTimeSeconds()).Bind(3, last.ToUnixTimeSeconds());
        while (_read.Step())
        {
            points.Add(new HistoryPoint(
                DateTimeOffset.FromUnixTimeSeconds(_read.Long(0)),
                new HistoryValues(_read.Long(1), _read.Long(2), _read.Long(3), _read.Long(4), _read.Long(5), _read.Long(6), _read.Long(7), _read.Long(8))));
        }

        _read.Reset();
        return points;
    }

    public void Dispose() => _database.Dispose();

    private void Add(HistorySpan span, DateTimeOffset start, HistoryValues values)
    {
        var position = start.UtcTicks / HistorySpans.StepOf(span).Ticks % HistorySpans.PointsOf(span);
        _add.Bind(1, (long)span).Bind(2, position).Bind(3, start.ToUnixTimeSeconds()).Bind(4, values.Received).Bind(5, values.Sent).Bind(6, values.Refused).Bind(7, values.OctetsIn)
            .Bind(8, values.OctetsOut).Bind(9, values.Queued).Bind(10, values.SignIns).Bind(11, values.RefusedSignIns).Run();
    }
}

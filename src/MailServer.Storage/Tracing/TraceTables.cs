using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Tracing;

/// <summary>The tables of an open <c>trace.db</c>. Not thread-safe.</summary>
internal sealed class TraceTables : IDisposable
{
    // Maximum number of messages in the result of one query.
    private const int MostMessages = 100;

    internal const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA journal_size_limit = 4194304;
        CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, spool TEXT NOT NULL UNIQUE, message_id TEXT, last INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS messages_by_message_id ON messages (message_id) WHERE message_id IS NOT NULL;
        CREATE INDEX IF NOT EXISTS messages_by_last ON messages (last);
        CREATE TABLE IF NOT EXISTS steps (message INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, recipient TEXT NOT NULL, what TEXT NOT NULL,
            PRIMARY KEY (message, number)) WITHOUT ROWID;
        """;

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _touch;
    private readonly SqliteStatement _add;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _steps;

    private TraceTables(SqliteDatabase database)
    {
        _database = database;
        database.Execute(Schema);
        _touch = database.Prepare("""
            INSERT INTO messages (spool, message_id, last) VALUES (?1, ?2, ?3)
            ON CONFLICT (spool) DO UPDATE SET last = max(last, ?3), message_id = coalesce(message_id, ?2) RETURNING id
            """);
        _add = database.Prepare("INSERT INTO steps (message, number, at, recipient, what) SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4 FROM steps WHERE message = ?1");
        _find = database.Prepare("SELECT id, spool, message_id FROM messages WHERE spool = ?1 OR message_id = ?1 ORDER BY id DESC LIMIT ?2");
        _steps = database.Prepare("SELECT at, recipient, what FROM steps WHERE message = ? ORDER BY number");
    }

    /// <summary>Opens or creates the tables in a file, or in memory.</summary>
    public static TraceTables Open(string path)
    {
        var database = SqliteDatabase.Open(path);
        try
        {
            database.RequireWritable();
            var tables = new TraceTables(database);
            SqliteDatabase.MakePrivate(path);
            return tables;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Appends steps in order, in one transaction.</summary>
    public void Add(IReadOnlyList<TraceStep> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        _database.Begin();
        try
        {
            foreach (var step in steps) Add(step);
            _database.Commit();
        }
        catch
        {
            _database.Rollback();
            throw;
        }
    }

    /// <summary>Returns the traces of the latest messages with this spool id or Message-ID, oldest first.</summary>
    public IReadOnlyList<MessageTraceRecord> Find(string id)
    {
        var found = new List<MessageTraceRecord>();
        var rows = new List<(long Row, string Spool, string? MessageId)>();
        _find.Bind(1, TraceStep.NormalizeMessageId(id)).Bind(2, MostMessages);
        while (_find.Step()) rows.Add((_find.Long(0), _find.Text(1)!, _find.Text(2)));
        _find.Reset();
        rows.Reverse();
        foreach (var (row, spool, messageId) in rows)
        {
            var message = new SpoolId(spool);
            var steps = new List<TraceStep>();
            _steps.Bind(1, row);
            while (_steps.Step()) steps.Add(new TraceStep(message, messageId, new DateTimeOffset(_steps.Long(0), TimeSpan.Zero), _steps.Text(1)!, _steps.Text(2)!));
            _steps.Reset();
            found.Add(new MessageTraceRecord(message, messageId, steps));
        }

        return found;
    }

    /// <summary>Removes messages without events since <paramref name="before"/>, and the oldest beyond <paramref name="most"/>.</summary>
    public void Prune(DateTimeOffset before, int most)
    {
        var oldest = _database.Scalar($"SELECT last FROM messages ORDER BY last DESC LIMIT 1 OFFSET {most}");
        var limit = Math.Max(before.UtcTicks, oldest + 1);
        _database.Begin();
        try
        {
            _database.Execute($"DELETE FROM steps WHERE message IN (SELECT id FROM messages WHERE last < {limit}); DELETE FROM messages WHERE last < {limit};");
            _database.Commit();
        }
        catch
        {
            _database.Rollback();
            throw;
        }
    }

    public void Dispose() => _database.Dispose();

    private void Add(TraceStep step)
    {
        _touch.Bind(1, step.Message.Value).Bind(2, TraceStep.NormalizeMessageId(step.MessageId)).Bind(3, step.At.UtcTicks);
        _touch.Step();
        var row = _touch.Long(0);
        _touch.Reset();
        _add.Bind(1, row).Bind(2, step.At.UtcTicks).Bind(3, step.Recipient).Bind(4, step.Text).Run();
    }
}

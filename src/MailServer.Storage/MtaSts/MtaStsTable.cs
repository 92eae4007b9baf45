using MailServer.Domain.TransportSecurity;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MtaSts;

/// <summary>The table of an open <c>mta-sts.db</c>. Not thread-safe.</summary>
internal sealed class MtaStsTable : IDisposable
{
    internal const string Schema = """
        CREATE TABLE IF NOT EXISTS policies (domain TEXT PRIMARY KEY, id TEXT NOT NULL, policy TEXT NOT NULL, fetched INTEGER NOT NULL, asked INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS policies_fetched ON policies (fetched);
        """;

    private readonly int _most;
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _put;
    private readonly SqliteStatement _trim;
    private readonly SqliteStatement _old;

    private MtaStsTable(SqliteDatabase database, int most)
    {
        _most = most;
        _database = database;
        database.Execute("""
            PRAGMA busy_timeout = 5000;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            """);
        database.Execute(Schema);
        _find = database.Prepare("SELECT domain, id, policy, fetched, asked FROM policies WHERE domain = ?");
        _put = database.Prepare("INSERT OR REPLACE INTO policies (domain, id, policy, fetched, asked, expires) VALUES (?, ?, ?, ?, ?, ?)");
        _trim = database.Prepare("DELETE FROM policies WHERE expires < ? OR domain IN (SELECT domain FROM policies ORDER BY fetched DESC LIMIT -1 OFFSET ?)");
        _old = database.Prepare("SELECT domain, id, policy, fetched, asked FROM policies WHERE fetched < ? AND asked > ? ORDER BY fetched LIMIT ?");
    }

    /// <summary>Opens or creates the table in a file, or in memory.</summary>
    public static MtaStsTable Open(string path, int most)
    {
        var database = SqliteDatabase.Open(path);
        try
        {
            database.RequireWritable();
            var table = new MtaStsTable(database, most);
            SqliteDatabase.MakePrivate(path);
            return table;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public CachedMtaStsPolicy? Find(string domain) => Read(_find.Bind(1, domain)).FirstOrDefault();

    public void Put(CachedMtaStsPolicy entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        _put.Bind(1, entry.Domain).Bind(2, entry.Id).Bind(3, entry.Policy.Write()).Bind(4, entry.FetchedAt.ToUnixTimeSeconds())
            .Bind(5, entry.LastUsedAt.ToUnixTimeSeconds()).Bind(6, entry.Expires.ToUnixTimeSeconds()).Run();
        _trim.Bind(1, entry.LastUsedAt.ToUnixTimeSeconds()).Bind(2, _most).Run();
    }

    public IReadOnlyList<CachedMtaStsPolicy> FindStale(DateTimeOffset fetchedBefore, DateTimeOffset askedAfter, int most) =>
        Read(_old.Bind(1, fetchedBefore.ToUnixTimeSeconds()).Bind(2, askedAfter.ToUnixTimeSeconds()).Bind(3, most));

    public void Dispose() => _database.Dispose();

    private static List<CachedMtaStsPolicy> Read(SqliteStatement query)
    {
        var found = new List<CachedMtaStsPolicy>();
        while (query.Step())
            if (MtaStsPolicy.TryParse(query.Text(2) ?? "", out var policy, out _))
                found.Add(new CachedMtaStsPolicy(query.Text(0)!, query.Text(1)!, policy, DateTimeOffset.FromUnixTimeSeconds(query.Long(3)), DateTimeOffset.FromUnixTimeSeconds(query.Long(4))));
        query.Reset();
        return found;
    }
}

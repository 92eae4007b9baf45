using MailServer.Domain.Timing;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Trust;

/// <summary>The tables of an open <c>trust.db</c>. Not thread-safe.</summary>
internal sealed class TrustTables : IDisposable
{
    private const int WritesBetweenSweeps = 1_000;
    private const long Day = 24 * 60 * 60;
    private const long Hour = 60 * 60;
    private const long UnusedTriplet = 2 * Day;
    private const long Triplet = 36 * Day;
    private const long Contact = 400 * Day;

    internal const string Schema =
        """
        CREATE TABLE IF NOT EXISTS greylist (
            key TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, passes INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS contacts (
            own TEXT NOT NULL, other TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (own, other)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS sent (
            account INTEGER NOT NULL, hour INTEGER NOT NULL, messages INTEGER NOT NULL, recipients INTEGER NOT NULL, new_recipients INTEGER NOT NULL,
            PRIMARY KEY (account, hour)) WITHOUT ROWID;
        """;

    private readonly TimeProvider _time;
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _findTriplet;
    private readonly SqliteStatement _saveTriplet;
    private readonly SqliteStatement _countTriplets;
    private readonly SqliteStatement _findContact;
    private readonly SqliteStatement _saveContact;
    private readonly SqliteStatement _sumSent;
    private readonly SqliteStatement _addSent;
    private int _writes;

    private TrustTables(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _findTriplet = database.Prepare("SELECT first, last, passes FROM greylist WHERE key = ?");
        _saveTriplet = database.Prepare("INSERT OR REPLACE INTO greylist VALUES (?, ?, ?, ?)");
        _countTriplets = database.Prepare("SELECT count(*) FROM greylist");
        _findContact = database.Prepare("SELECT 1 FROM contacts WHERE own = ? AND other = ?");
        _saveContact = database.Prepare("INSERT OR REPLACE INTO contacts VALUES (?, ?, ?)");
        _sumSent = database.Prepare("SELECT sum(messages), sum(recipients), sum(new_recipients) FROM sent WHERE account = ? AND hour > ? AND hour <= ?");
        _addSent = database.Prepare(
            """
            INSERT INTO sent VALUES (?, ?, 1, ?, ?) ON CONFLICT (account, hour)
            DO UPDATE SET messages = messages + 1, recipients = recipients + excluded.recipients, new_recipients = new_recipients + excluded.new_recipients
            """);
    }

    /// <summary>Opens or creates the tables in a file, or in memory.</summary>
    public static TrustTables Open(string path, TimeProvider time)
    {
        var database = SqliteDatabase.Open(path);
        try
        {
            database.RequireWritable();
            database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;");
            database.Execute(Schema);
            SqliteDatabase.MakePrivate(path);
            return new TrustTables(database, time);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public GreylistEntry? FindTriplet(string key)
    {
        GreylistEntry? found = _findTriplet.Bind(1, key).Step() ? new GreylistEntry(_findTriplet.Long(0), _findTriplet.Long(1), (int)_findTriplet.Long(2)) : null;
        _findTriplet.Reset();
        return found;
    }

    public void SaveTriplet(string key, GreylistEntry entry)
    {
        Sweep();
        _saveTriplet.Bind(1, key).Bind(2, entry.First).Bind(3, entry.Last).Bind(4, entry.Passes).Run();
    }

    public long CountTriplets()
    {
        _countTriplets.Step();
        var count = _countTriplets.Long(0);
        _countTriplets.Reset();
        return count;
    }

    /// <summary>True if a local address and another address have exchanged mail.</summary>
    public bool IsContact(string own, string other)
    {
        var found = _findContact.Bind(1, own).Bind(2, other).Step();
        _findContact.Reset();
        return found;
    }

    public void SaveContact(string own, string other)
    {
        Sweep();
        _saveContact.Bind(1, own).Bind(2, other).Bind(3, Now).Run();
    }

    /// <summary>Returns what an account has sent in the last hours, including the current one.</summary>
    public SentMailCounts Sent(long account, int hours)
    {
        _sumSent.Bind(1, account).Bind(2, (Now / Hour) - hours).Bind(3, Now / Hour).Step();
        var sent = new SentMailCounts(_sumSent.Long(0), _sumSent.Long(1), _sumSent.Long(2));
        _sumSent.Reset();
        return sent;
    }

    public void AddSent(long account, int recipients, int newRecipients)
    {
        Sweep();
        _addSent.Bind(1, account).Bind(2, Now / Hour).Bind(3, recipients).Bind(4, newRecipients).Run();
    }

    public void Dispose() => _database.Dispose();

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Removes expired entries, once per a number of writes.</summary>
    private void Sweep()
    {
        if (_writes++ % WritesBetweenSweeps != 0) return;
        var now = Now;
        // Entries with future times come from a wrong clock and are removed; contacts are kept with the current time.
        var late = now + (long)StoredTime.Slack.TotalSeconds;
        _database.Execute(FormattableString.Invariant(
            $"""
            DELETE FROM greylist WHERE last < {now - Triplet} OR (passes = 0 AND first < {now - UnusedTriplet}) OR last > {late};
            DELETE FROM contacts WHERE last < {now - Contact};
            UPDATE contacts SET last = {now} WHERE last > {late};
            DELETE FROM sent WHERE hour < {(now - (2 * Day)) / Hour} OR hour > {late / Hour};
            """));
    }
}

using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The table of what scripts remember. A mark counts until it expires; the number of marks is bounded. One that expires later than any mark may was left by a wrong clock and does not count.
/// </summary>
internal sealed class MarkRecords(SqliteDatabase database)
{
    // Scripts may remember for 60 days; the clock may be set by a day.
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(61);

    private readonly SqliteStatement _select = database.Prepare("SELECT 1 FROM marks WHERE key = ? AND expires BETWEEN ? AND ?");
    private readonly SqliteStatement _insert = database.Prepare("INSERT INTO marks VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET expires = excluded.expires");
    private readonly SqliteStatement _count = database.Prepare("SELECT count(*) FROM marks WHERE key >= ? AND key < ? AND expires BETWEEN ? AND ?");
    private readonly SqliteStatement _deleteExpired = database.Prepare("DELETE FROM marks WHERE expires NOT BETWEEN ? AND ?");

    public bool Contains(string key, DateTimeOffset now)
    {
        var found = _select.Bind(1, key).Bind(2, Soonest(now)).Bind(3, Latest(now, LongestLife)).Step();
        _select.Reset();
        return found;
    }

    /// <summary>Counts marks that begin with a prefix and live for at most <paramref name="lifetime"/>.</summary>
    public int Count(string prefix, DateTimeOffset now, TimeSpan lifetime)
    {
        // The last character of a UTF-8 text is less than U+FFFF.
        _count.Bind(1, prefix).Bind(2, prefix + '\uFFFF').Bind(3, Soonest(now)).Bind(4, Latest(now, lifetime)).Step();
        var count = (int)_count.Long(0);
        _count.Reset();
        return count;
    }

    public void Add(string key, DateTimeOffset expires) => _insert.Bind(1, key).Bind(2, expires.ToUnixTimeSeconds()).Run();

    /// <summary>Removes the expired marks, and beyond <paramref name="most"/> those that expire first.</summary>
    public void Prune(DateTimeOffset now, int most)
    {
        _deleteExpired.Bind(1, Soonest(now)).Bind(2, Latest(now, LongestLife)).Run();
        var excess = database.Scalar("SELECT count(*) FROM marks") - most;
        if (excess > 0) database.Execute($"DELETE FROM marks WHERE key IN (SELECT key FROM marks ORDER BY expires LIMIT {excess})");
    }

    private static long Soonest(DateTimeOffset now) => now.ToUnixTimeSeconds() + 1;

    private static long Latest(DateTimeOffset now, TimeSpan lifetime) => (now + lifetime).ToUnixTimeSeconds();
}

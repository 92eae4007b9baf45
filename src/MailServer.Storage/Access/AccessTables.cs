using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Timing;
using MailServer.Storage.Directory;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MailServer.Storage.Access;

/// <summary>The tables of an open <c>access.db</c>. Not thread-safe. Failures are thrown as exceptions of SQLite.</summary>
internal sealed class AccessTables : IDisposable
{
    private const string FirstStep =
        """
        CREATE TABLE IF NOT EXISTS events (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          at INTEGER NOT NULL,
          kind TEXT NOT NULL,
          account TEXT NOT NULL,
          actor TEXT NOT NULL,
          address TEXT NOT NULL,
          detail TEXT NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS events_by_time ON events (at);
        CREATE INDEX IF NOT EXISTS events_by_account ON events (account, at);
        CREATE TABLE IF NOT EXISTS bans (
          address TEXT PRIMARY KEY,
          since INTEGER NOT NULL,
          until INTEGER NOT NULL,
          reason TEXT NOT NULL,
          by_hand INTEGER NOT NULL
        ) STRICT;
        PRAGMA user_version = 1;
        """;

    private const string SessionStep =
        """
        CREATE TABLE IF NOT EXISTS page_sessions (
          digest TEXT PRIMARY KEY,
          account INTEGER NOT NULL,
          address TEXT NOT NULL,
          password TEXT NOT NULL,
          started_at INTEGER NOT NULL,
          last_used_at INTEGER NOT NULL
        ) STRICT;
        """;

    private const string SessionClientStep =
        """
        ALTER TABLE page_sessions ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE page_sessions ADD COLUMN peer TEXT NOT NULL DEFAULT '';
        ALTER TABLE page_sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
        """;

    private const string NetworkStep =
        """
        CREATE TABLE IF NOT EXISTS network_rules (
          network TEXT PRIMARY KEY,
          allowed INTEGER NOT NULL,
          since INTEGER NOT NULL,
          until INTEGER NOT NULL,
          reason TEXT NOT NULL
        ) STRICT;
        """;

    private const string PauseStep =
        """
        CREATE TABLE IF NOT EXISTS queue_pauses (
          domain TEXT PRIMARY KEY,
          since INTEGER NOT NULL,
          reason TEXT NOT NULL
        ) STRICT;
        """;

    /// <summary>The migration steps. The first one also sets its version, because it was released like that.</summary>
    internal static readonly string[] Steps = [FirstStep, SessionStep, SessionClientStep, NetworkStep, PauseStep];

    private const string InMemory = ":memory:";

    /// <summary>The number of events that one search looks at.</summary>
    internal const int MostExamined = 200_000;

    // Without a flush per commit, a power cut may lose the last events; nothing that was acknowledged depends on them.
    private const string NoFlush = "PRAGMA synchronous = NORMAL";
    private const string Flush = "PRAGMA synchronous = FULL";
    private readonly SqliteConnection _connection;

    private AccessTables(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or creates the tables in a file, or in memory.</summary>
    public static AccessTables Open(string path)
    {
        var connection = path == InMemory ? OpenInMemory() : DirectoryConnection.OpenPrivately(path);
        try
        {
            if (raw.sqlite3_db_readonly(connection.Handle, "main") == 1) throw new SqliteException($"{path} cannot be written", raw.SQLITE_READONLY);
            var version = connection.ReadScalar("PRAGMA user_version");
            if (version > Steps.Length) throw new DirectoryException(DirectoryRefusal.DatabaseNewer, path);
            connection.Execute(NoFlush);
            Migrate(connection, (int)version);
            return new AccessTables(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Migrate(SqliteConnection connection, int version)
    {
        for (; version < Steps.Length; version++)
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            connection.Execute(Steps[version]);
            connection.Execute($"PRAGMA user_version = {version + 1}");
            transaction.Commit();
        }
    }

    /// <summary>Appends events in one transaction.</summary>
    public void Append(IReadOnlyList<AuditEvent> events) => Do(connection =>
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        foreach (var e in events)
        {
            connection.Execute(
                "INSERT INTO events (at, kind, account, actor, address, detail) VALUES ($at, $kind, $account, $actor, $address, $detail)",
                ("$at", e.At.ToUnixTimeMilliseconds()), ("$kind", e.Kind), ("$account", e.Account), ("$actor", e.Actor), ("$address", e.Address?.ToString() ?? ""), ("$detail", e.Detail));
        }

        transaction.Commit();
        return 0;
    });

    /// <summary>Returns the newest <paramref name="max"/> events, in chronological order.</summary>
    public IReadOnlyList<AuditEvent> Read(DateTimeOffset since, string? account, int max) => Do(connection =>
    {
        var newest = connection.ReadAll(
            """
            SELECT at, kind, account, actor, address, detail FROM events
            WHERE at >= $since AND ($account = '' OR account = $account COLLATE NOCASE) ORDER BY id DESC LIMIT $max
            """,
            EventOf,
            ("$since", since.ToUnixTimeMilliseconds()), ("$account", account ?? ""), ("$max", max));
        newest.Reverse();
        return newest;
    });

    /// <summary>Finds the newest matching events. One request looks at <see cref="MostExamined"/> events, so that a search cannot occupy the database for long.</summary>
    public AuditPage Find(AuditFilter filter) => Do(connection =>
    {
        var words = (filter.Text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(AuditFilter.MostWords).ToArray();
        var before = filter.Before ?? long.MaxValue;
        var newest = connection.ReadScalar("SELECT max(id) FROM events WHERE id < $before", ("$before", before));
        var floor = Math.Max(0, newest - MostExamined);
        var parameters = new List<(string Name, object Value)>
        {
            ("$since", filter.Since.ToUnixTimeMilliseconds()), ("$until", (filter.Until ?? DateTimeOffset.MaxValue).ToUnixTimeMilliseconds()), ("$before", before), ("$floor", floor),
            ("$kind", filter.Kind ?? ""), ("$account", filter.Account ?? ""), ("$by", filter.By ?? ""), ("$max", filter.Max + 1),
        };
        parameters.AddRange(words.Select(static (word, i) => ($"$word{i}", (object)word)));
        var contains = string.Concat(words.Select(static (_, i) => $" AND instr(lower(kind || ' ' || account || ' ' || actor || ' ' || address || ' ' || detail), lower($word{i})) > 0"));
        var found = connection.ReadAll(
            $"""
            SELECT at, kind, account, actor, address, detail, id FROM events
            WHERE id < $before AND id > $floor AND at >= $since AND at < $until
              AND ($kind = '' OR kind = $kind COLLATE NOCASE OR (kind > $kind || '.' AND kind < $kind || '/'))
              AND ($account = '' OR account = $account COLLATE NOCASE) AND ($by = '' OR actor = $by COLLATE NOCASE){contains} ORDER BY id DESC LIMIT $max
            """,
            static row => (Event: EventOf(row), Id: row.GetInt64(6)), [.. parameters]);
        var isMore = found.Count > filter.Max;
        var shown = isMore ? found[..filter.Max] : found;
        // Events below the floor were not examined; there are none if the oldest is above it.
        var isLeft = floor > 0 && connection.ReadScalar("SELECT 1 FROM events WHERE id <= $floor AND at >= $since LIMIT 1", ("$floor", floor), ("$since", filter.Since.ToUnixTimeMilliseconds())) != 0;
        shown.Reverse();
        return new AuditPage([.. shown.Select(static f => f.Event)], isMore ? found[filter.Max - 1].Id : isLeft ? floor + 1 : null);
    });

    private static AuditEvent EventOf(System.Data.Common.DbDataReader row) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), row.GetString(1), row.GetString(2), row.GetString(3), IPAddress.TryParse(row.GetString(4), out var address) ? address : null, row.GetString(5));

    /// <summary>Removes old and excess events, and expired bans.</summary>
    public void Prune(DateTimeOffset now, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Do(connection => connection.Execute(
            """
            DELETE FROM events WHERE at < $old OR id <= (SELECT max(id) FROM events) - $most;
            DELETE FROM bans WHERE until <= $now OR (since > $late AND until < $forever);
            DELETE FROM network_rules WHERE until <= $now OR (since > $late AND until < $forever);
            DELETE FROM page_sessions WHERE started_at < $begun OR started_at > $late OR last_used_at > $late
            """,
            ("$begun", (now - limits.PageSessionLifetime).ToUnixTimeMilliseconds()),
            ("$old", (now - limits.AuditRetention).ToUnixTimeMilliseconds()), ("$most", limits.AuditEvents), ("$now", now.ToUnixTimeMilliseconds()), ("$late", (now + StoredTime.Slack).ToUnixTimeMilliseconds()),
            ("$forever", DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())));
    }

    public IReadOnlyList<Ban> Load() => Do(connection => connection.ReadAll("SELECT address, since, until, reason, by_hand FROM bans", BanRows.Ban));

    public void Save(Ban ban)
    {
        ArgumentNullException.ThrowIfNull(ban);
        DoDurably(connection => connection.Execute(BanRows.Save, BanRows.Parameters(ban)));
    }

    public void Remove(IPAddress address) => DoDurably(connection => connection.Execute("DELETE FROM bans WHERE address = $address", ("$address", address.ToString())));

    public IReadOnlyList<NetworkRule> LoadRules() => Do(connection => connection.ReadAll(NetworkRuleRows.Load, NetworkRuleRows.Rule));

    public void SaveRule(NetworkRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        DoDurably(connection => connection.Execute(NetworkRuleRows.Save, NetworkRuleRows.Parameters(rule)));
    }

    public void RemoveRule(IPNetwork network) => DoDurably(connection => connection.Execute(NetworkRuleRows.Remove, ("@network", network.ToString())));

    public IReadOnlyList<QueuePause> LoadPauses() => Do(connection => connection.ReadAll(QueuePauseRows.Load, QueuePauseRows.Pause));

    public void SavePause(QueuePause pause)
    {
        ArgumentNullException.ThrowIfNull(pause);
        DoDurably(connection => connection.Execute(QueuePauseRows.Save, QueuePauseRows.Parameters(pause)));
    }

    public void RemovePause(string domain) => DoDurably(connection => connection.Execute(QueuePauseRows.Remove, ("@domain", domain)));

    public IReadOnlyList<StoredPageSession> LoadSessions() => Do(static connection => connection.ReadAll(
        "SELECT digest, account, address, password, started_at, last_used_at, second_factor, peer, browser FROM page_sessions",
        static row => EmailAddress.TryParse(row.GetString(2), out var address)
            ? new StoredPageSession(
                row.GetString(0), new AccountId(row.GetInt64(1)), address, new CredentialFingerprint(row.GetString(3)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)))
            {
                HasSecondFactor = row.GetInt64(6) != 0,
                Peer = IPAddress.TryParse(row.GetString(7), out var peer) ? peer : null,
                Browser = row.GetString(8),
            }
            : null).OfType<StoredPageSession>().ToList());

    public void SaveSession(StoredPageSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        Do(connection => connection.Execute(
            """
            INSERT INTO page_sessions (digest, account, address, password, started_at, last_used_at, second_factor, peer, browser)
            VALUES ($digest, $account, $address, $password, $started, $used, $factor, $peer, $browser)
            ON CONFLICT (digest) DO UPDATE SET password = excluded.password, last_used_at = excluded.last_used_at, second_factor = excluded.second_factor
            """,
            ("$digest", session.Digest), ("$account", session.Account.Value), ("$address", session.Address.ToString()), ("$password", session.Password.Value),
            ("$started", session.StartedAt.ToUnixTimeMilliseconds()), ("$used", session.LastUsedAt.ToUnixTimeMilliseconds()),
            ("$factor", session.HasSecondFactor ? 1 : 0), ("$peer", session.Peer?.ToString() ?? ""), ("$browser", session.Browser)));
    }

    /// <summary>Removes sessions, durably.</summary>
    public void RemoveSessions(IEnumerable<string> digests) => DoDurably(connection =>
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        foreach (var digest in digests) connection.Execute("DELETE FROM page_sessions WHERE digest = $digest", ("$digest", digest));
        transaction.Commit();
        return 0;
    });

    public void Dispose() => _connection.Dispose();

    private T Do<T>(Func<SqliteConnection, T> work) => work(_connection);

    /// <summary>Bans survive a power cut: they are rare, and an attacker must not get new attempts by one. The flush includes all earlier events.</summary>
    private void DoDurably(Func<SqliteConnection, int> work)
    {
        _connection.Execute(Flush);
        try
        {
            work(_connection);
        }
        finally
        {
            _connection.Execute(NoFlush);
        }
    }

    private static SqliteConnection OpenInMemory()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = InMemory, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}

using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Access;

/// <summary>
/// The audit log, the bans, the rules for networks, the pauses of the queue and the sessions of the web page, in SQLite (<c>access.db</c>). They are not in mail.db because sign-ins are frequent and every write to mail.db
/// clears the directory cache. The running server and the command line may write at the same time. A damaged file is replaced by an empty one.
/// </summary>
public sealed class AccessStore : IBanStore, IPageSessionStore, IQueuePauseStore, IDisposable
{
    private readonly RebuildableStore<AccessTables> _tables;
    private readonly string _path;

    private AccessStore(RebuildableStore<AccessTables> tables, string path)
    {
        _tables = tables;
        _path = path;
    }

    public static AccessStore Open(string path, StoreProblems? problems = null) =>
        Translate(path, () => new AccessStore(new RebuildableStore<AccessTables>(DatabaseKind.Access, path, AccessTables.Open, problems ?? StoreProblems.Discarding, TimeProvider.System), path));

    /// <summary>Appends events in one transaction.</summary>
    public void Append(IReadOnlyList<AuditEvent> events) => Do(tables =>
    {
        tables.Append(events);
        return 0;
    });

    /// <summary>Returns the newest <paramref name="max"/> events, in chronological order.</summary>
    public IReadOnlyList<AuditEvent> Read(DateTimeOffset since, string? account, int max) => Do(tables => tables.Read(since, account, max));

    /// <summary>Finds the newest matching events, page by page. One call looks at a limited number of events.</summary>
    public AuditPage Find(AuditFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Do(tables => tables.Find(filter));
    }

    /// <summary>Removes old and excess events, and expired bans.</summary>
    public void Prune(DateTimeOffset now, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Do(tables =>
        {
            tables.Prune(now, limits);
            return 0;
        });
    }

    public IReadOnlyList<Ban> Load() => Do(static tables => tables.Load());

    public void Save(Ban ban)
    {
        ArgumentNullException.ThrowIfNull(ban);
        Do(tables =>
        {
            tables.Save(ban);
            return 0;
        });
    }

    public void Remove(IPAddress address) => Do(tables =>
    {
        tables.Remove(address);
        return 0;
    });

    public IReadOnlyList<NetworkRule> LoadRules() => Do(static tables => tables.LoadRules());

    public void SaveRule(NetworkRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Do(tables =>
        {
            tables.SaveRule(rule);
            return 0;
        });
    }

    public void RemoveRule(IPNetwork network) => Do(tables =>
    {
        tables.RemoveRule(network);
        return 0;
    });

    public IReadOnlyList<QueuePause> LoadPauses() => Do(static tables => tables.LoadPauses());

    public void SavePause(QueuePause pause)
    {
        ArgumentNullException.ThrowIfNull(pause);
        Do(tables =>
        {
            tables.SavePause(pause);
            return 0;
        });
    }

    public void RemovePause(string domain) => Do(tables =>
    {
        tables.RemovePause(domain);
        return 0;
    });

    public IReadOnlyList<StoredPageSession> LoadSessions() => Do(static tables => tables.LoadSessions());

    public void SaveSession(StoredPageSession session) => Do(tables =>
    {
        tables.SaveSession(session);
        return 0;
    });

    public void RemoveSessions(IReadOnlyCollection<string> digests) => Do(tables =>
    {
        tables.RemoveSessions(digests);
        return 0;
    });

    public void Dispose() => _tables.Dispose();

    private T Do<T>(Func<AccessTables, T> work) => Translate(_path, () => _tables.Do(work));

    private static T Translate<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e)
        {
            throw DirectoryConnection.Translate(e, path);
        }
    }
}

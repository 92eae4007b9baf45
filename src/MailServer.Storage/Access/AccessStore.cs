using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Access;

/// <summary>
/// Who came in, who was kept out, and what was changed, in SQLite (access.db). It is a file of its own because sign-ins are written often, and
/// every write to mail.db makes the directory forget what it remembers. The running server and the command line write to it at once. A damaged
/// file is replaced by an empty one.
/// </summary>
public sealed class AccessStore : IBanStore, IDisposable
{
    private readonly RebuildableStore<AccessTables> _tables;
    private readonly string _path;

    private AccessStore(RebuildableStore<AccessTables> tables, string path)
    {
        _tables = tables;
        _path = path;
    }

    public static AccessStore Open(string path, StoreProblems? problems = null) =>
        Translate(path, () => new AccessStore(new RebuildableStore<AccessTables>(StoreFile.Access, path, AccessTables.Open, problems ?? StoreProblems.Unheard, TimeProvider.System), path));

    /// <summary>Writes these events in one transaction.</summary>
    public void Append(IReadOnlyList<AuditEvent> events) => Do(tables =>
    {
        tables.Append(events);
        return 0;
    });

    /// <summary>The newest <paramref name="max"/> events, in the order in which they happened.</summary>
    public IReadOnlyList<AuditEvent> Read(DateTimeOffset since, string? account, int max) => Do(tables => tables.Read(since, account, max));

    /// <summary>Removes events that are too old or too many, and bans that have ended.</summary>
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

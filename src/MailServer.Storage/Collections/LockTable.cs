using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Domain.Timing;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>The locks of one account, in memory and in the database, so that they survive a restart.</summary>
internal sealed class LockTable
{
    private readonly SqliteDatabase _database;
    private readonly TimeSpan _longest;
    private readonly TimeProvider _time;
    private readonly SqliteStatement _save;
    private readonly SqliteStatement _delete;
    private readonly Dictionary<string, ResourceLock> _locks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AccountId> _visitors = new(StringComparer.Ordinal);

    public LockTable(SqliteDatabase database, TimeSpan longest, TimeProvider time)
    {
        _longest = longest;
        _database = database;
        _time = time;
        _save = database.Prepare("INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        _delete = database.Prepare("DELETE FROM locks WHERE token = ?");
        Load();
    }

    public int Count => _locks.Count;

    public void Load()
    {
        _locks.Clear();
        _visitors.Clear();
        using var select = _database.PrepareOnce("SELECT token, space, path, exclusive, deep, owner, until, visitor FROM locks");
        while (select.Step())
        {
            var root = new CollectionPath((CollectionSpace)select.Long(1), [.. select.Text(2)!.Split('/', StringSplitOptions.RemoveEmptyEntries)]);
            var found = new ResourceLock(
                select.Text(0)!, root, select.Long(3) != 0, select.Long(4) != 0, select.Text(5)!, DateTimeOffset.FromUnixTimeSeconds(select.Long(6)));
            _locks.Add(found.Token, found);
            if (select.Long(7) != 0) _visitors.Add(found.Token, new AccountId(select.Long(7)));
        }
    }

    public ResourceLock? Find(string token) => _locks.TryGetValue(token, out var found) && Holds(found, _time.GetUtcNow()) ? found : null;

    /// <summary>
    /// True if the account created the lock. Only the creator may use a lock token
    /// (RFC 4918 §6.4): tokens are not secret, because lock discovery shows them to all readers.
    /// </summary>
    /// <param name="token">The lock token.</param>
    /// <param name="visitor">The account that uses it; null for the owner of the collections.</param>
    public bool IsHeldBy(string token, AccountId? visitor) =>
        _locks.ContainsKey(token) && (_visitors.TryGetValue(token, out var holder) ? visitor == holder : visitor is null);

    /// <summary>Returns the locks that cover <paramref name="path"/>.</summary>
    public List<ResourceLock> Covering(CollectionPath path) => Active(found => found.Covers(path));

    /// <summary>Returns the locks that cover <paramref name="path"/> or begin below it.</summary>
    public List<ResourceLock> Touching(CollectionPath path) => Active(found => found.Covers(path) || path.Contains(found.Root));

    /// <param name="added">The new or refreshed lock.</param>
    /// <param name="visitor">The account that created it; null for the owner of the collections.</param>
    public void Save(ResourceLock added, AccountId? visitor)
    {
        _locks[added.Token] = added;
        if (visitor is { } holder) _visitors[added.Token] = holder;
        _save.Bind(1, added.Token).Bind(2, (long)added.Root.Space).Bind(3, string.Join('/', added.Root.Names)).Bind(4, added.Exclusive ? 1 : 0)
            .Bind(5, added.Deep ? 1 : 0).Bind(6, added.Owner).Bind(7, added.Until.ToUnixTimeSeconds()).Bind(8, visitor?.Value ?? 0).Run();
    }

    public void Remove(string token)
    {
        _visitors.Remove(token);
        if (_locks.Remove(token)) _delete.Bind(1, token).Run();
    }

    /// <summary>Removes the locks of items that are removed or moved away (RFC 4918 §9.6, §9.9).</summary>
    public void RemoveBelow(CollectionPath path)
    {
        if (_locks.Count == 0) return;
        foreach (var gone in _locks.Values.Where(found => path.Contains(found.Root)).ToArray()) Remove(gone.Token);
    }

    public void RemoveExpired()
    {
        if (_locks.Count == 0) return;
        var now = _time.GetUtcNow();
        foreach (var gone in _locks.Values.Where(found => !Holds(found, now)).ToArray()) Remove(gone.Token);
    }

    private bool Holds(ResourceLock held, DateTimeOffset now) => !StoredTime.IsDue(held.Until, now, _longest);

    private List<ResourceLock> Active(Func<ResourceLock, bool> fits)
    {
        if (_locks.Count == 0) return [];
        var now = _time.GetUtcNow();
        return [.. _locks.Values.Where(found => Holds(found, now) && fits(found))];
    }
}

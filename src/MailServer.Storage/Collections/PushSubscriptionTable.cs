using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Domain.Timing;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>Push subscriptions, in memory and in the database; determines the notifications of a transaction.</summary>
internal sealed class PushSubscriptionTable
{
    private readonly TimeSpan _longest;
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _save;
    private readonly SqliteStatement _delete;
    private readonly Dictionary<string, (long Collection, PushSubscription Subscription)> _all = new(StringComparer.Ordinal);

    public PushSubscriptionTable(SqliteDatabase database, TimeSpan longest)
    {
        _longest = longest;
        _database = database;
        _save = database.Prepare("INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        _delete = database.Prepare("DELETE FROM subscriptions WHERE id = ?");
        Load();
    }

    public void Load()
    {
        _all.Clear();
        using var select = _database.PrepareOnce("SELECT id, collection, account, resource, public_key, auth_secret, content, properties, expires FROM subscriptions");
        while (select.Step())
        {
            var found = new PushSubscription(
                select.Text(0)!, new AccountId(select.Long(2)), select.Text(3)!, select.Blob(4).ToArray(), select.Blob(5).ToArray(),
                select.Long(6) != 0, select.Long(7) != 0, DateTimeOffset.FromUnixTimeSeconds(select.Long(8)));
            _all.Add(found.Id, (select.Long(1), found));
        }
    }

    /// <summary>Adds or replaces a subscription; the same push resource keeps its id. Returns null if there are too many.</summary>
    public PushSubscription? Add(CollectionNode node, PushSubscription added, DateTimeOffset now, int most)
    {
        foreach (var (id, known) in _all.ToArray())
            if (HasExpired(known.Subscription, now)) Remove(id);
        var same = _all.Values.FirstOrDefault(known => known.Collection == node.Id && known.Subscription.Resource == added.Resource && known.Subscription.Account == added.Account).Subscription;
        if (same is null && _all.Values.Count(known => known.Collection == node.Id) >= most) return null;
        var kept = added with { Id = same?.Id ?? added.Id };
        _all[kept.Id] = (node.Id, kept);
        _save.Bind(1, kept.Id).Bind(2, node.Id).Bind(3, kept.Account.Value).Bind(4, kept.Resource).BindBlob(5, kept.PublicKey.Span).BindBlob(6, kept.AuthSecret.Span)
            .Bind(7, kept.NotifyContent ? 1 : 0).Bind(8, kept.NotifyProperties ? 1 : 0).Bind(9, kept.Expires.ToUnixTimeSeconds()).Run();
        return kept;
    }

    public bool Remove(string id, AccountId? by)
    {
        if (!_all.TryGetValue(id, out var known) || (by is not null && known.Subscription.Account != by)) return false;
        Remove(id);
        return true;
    }

    /// <summary>Removes the subscriptions of a removed collection.</summary>
    public void RemoveAll(long collection)
    {
        foreach (var (id, _) in _all.Where(known => known.Value.Collection == collection).ToArray()) Remove(id);
    }

    /// <summary>Returns the notifications to send after <paramref name="changed"/> collections are durable.</summary>
    public List<CollectionChanged> ChangesToPush(IEnumerable<CollectionNode> changed, DateTimeOffset now)
    {
        if (_all.Count == 0) return [];
        var due = new List<CollectionChanged>();
        foreach (var node in changed)
        {
            var wanting = _all.Values
                .Where(known => known.Collection == node.Id && !HasExpired(known.Subscription, now)
                    && (known.Subscription.NotifyContent || (known.Subscription.NotifyProperties && node.PropertiesChanged)))
                .Select(known => known.Subscription)
                .ToArray();
            if (wanting.Length > 0) due.Add(new CollectionChanged(node.Id, node.ModSeq, node.PropertiesChanged, wanting));
        }

        return due;
    }

    /// <summary>Removes the subscriptions of a sharee that has lost access.</summary>
    public void RemoveOf(long collection, AccountId guest)
    {
        foreach (var (id, _) in _all.Where(known => known.Value.Collection == collection && known.Value.Subscription.Account == guest).ToArray()) Remove(id);
    }

    private bool HasExpired(PushSubscription subscription, DateTimeOffset now) => StoredTime.IsDue(subscription.Expires, now, _longest);

    private void Remove(string id)
    {
        _all.Remove(id);
        _delete.Bind(1, id).Run();
    }
}

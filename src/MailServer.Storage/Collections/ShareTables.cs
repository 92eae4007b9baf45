using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>Shares of collections, mounted collections of other accounts, and secret links to calendars.</summary>
internal sealed class ShareTables(SqliteDatabase database)
{
    private readonly SqliteStatement _grants = database.Prepare("SELECT account, address, access, declined, summary FROM grants WHERE collection = ? ORDER BY account");
    private readonly SqliteStatement _setGrant = database.Prepare("INSERT OR REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?)");
    private readonly SqliteStatement _removeGrant = database.Prepare("DELETE FROM grants WHERE collection = ? AND account = ?");
    private readonly SqliteStatement _mount = database.Prepare(
        "SELECT owner, address, space, target, target_id, access, invitation, invited, summary, news FROM mounts WHERE collection = ?");
    private readonly SqliteStatement _setMount = database.Prepare("INSERT OR REPLACE INTO mounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    private readonly SqliteStatement _links = database.Prepare("SELECT secret, created FROM links WHERE collection = ? ORDER BY created");
    private readonly SqliteStatement _addLink = database.Prepare("INSERT INTO links VALUES (?, ?, ?)");
    private readonly SqliteStatement _removeLinks = database.Prepare("DELETE FROM links WHERE collection = ?");

    public List<CollectionGrant> Grants(long collection)
    {
        var grants = new List<CollectionGrant>();
        _grants.Bind(1, collection);
        while (_grants.Step())
        {
            grants.Add(new CollectionGrant(
                new AccountId(_grants.Long(0)), EmailAddress.Parse(_grants.Text(1)!), (CollectionAccess)_grants.Long(2), _grants.Long(3) != 0, _grants.Text(4)!));
        }

        _grants.Reset();
        return grants;
    }

    public void Set(long collection, CollectionGrant grant) =>
        _setGrant.Bind(1, collection).Bind(2, grant.Account.Value).Bind(3, grant.Address.ToString()).Bind(4, (long)grant.Access)
            .Bind(5, grant.Declined ? 1 : 0).Bind(6, grant.Summary).Run();

    public void RemoveGrant(long collection, AccountId account) => _removeGrant.Bind(1, collection).Bind(2, account.Value).Run();

    public CollectionMount? Mount(long collection)
    {
        var found = _mount.Bind(1, collection).Step()
            ? new CollectionMount(
                new AccountId(_mount.Long(0)), EmailAddress.Parse(_mount.Text(1)!), CollectionPath.HomeOf((CollectionSpace)_mount.Long(2)).Child(_mount.Text(3)!),
                _mount.Long(4), (CollectionAccess)_mount.Long(5), _mount.Text(6)!, DateTimeOffset.FromUnixTimeSeconds(_mount.Long(7)), _mount.Text(8)!, _mount.Long(9) != 0)
            : null;
        _mount.Reset();
        return found;
    }

    public void Set(long collection, CollectionMount mount) =>
        _setMount.Bind(1, collection).Bind(2, mount.Owner.Value).Bind(3, mount.OwnerAddress.ToString()).Bind(4, (long)mount.Target.Space).Bind(5, mount.Target.Name)
            .Bind(6, mount.TargetId).Bind(7, (long)mount.Access).Bind(8, mount.Invitation).Bind(9, mount.InvitedAt.ToUnixTimeSeconds())
            .Bind(10, mount.Summary).Bind(11, mount.IsInvitationPending ? 1 : 0).Run();

    public List<(string Secret, DateTimeOffset Created)> Links(long collection)
    {
        var links = new List<(string, DateTimeOffset)>();
        _links.Bind(1, collection);
        while (_links.Step()) links.Add((_links.Text(0)!, DateTimeOffset.FromUnixTimeSeconds(_links.Long(1))));
        _links.Reset();
        return links;
    }

    public void AddLink(long collection, string secret, long time) => _addLink.Bind(1, secret).Bind(2, collection).Bind(3, time).Run();

    public void RemoveLinks(long collection) => _removeLinks.Bind(1, collection).Run();

    /// <summary>Removes all rows of a removed collection.</summary>
    public void RemoveAll(long collection) =>
        database.Execute($"DELETE FROM grants WHERE collection = {collection}; DELETE FROM mounts WHERE collection = {collection}; DELETE FROM links WHERE collection = {collection}");
}

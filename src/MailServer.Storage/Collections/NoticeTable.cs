using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>Notices about shares that the account has not dismissed.</summary>
internal sealed class NoticeTable(SqliteDatabase database)
{
    // Other accounts cause them, and most clients never dismiss one.
    private const int MaxNotices = 100;

    private readonly SqliteStatement _add = database.Prepare(
        "INSERT OR REPLACE INTO notices (id, event, at, other, space, target, access, invitation, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    private readonly SqliteStatement _trim = database.Prepare($"DELETE FROM notices WHERE number NOT IN (SELECT number FROM notices ORDER BY number DESC LIMIT {MaxNotices})");
    private readonly SqliteStatement _remove = database.Prepare("DELETE FROM notices WHERE id = ?");
    private readonly SqliteStatement _list = database.Prepare("SELECT id, event, at, other, space, target, access, invitation, summary FROM notices ORDER BY number");

    public void Add(SharingNotice notice)
    {
        _add.Bind(1, notice.Id).Bind(2, (long)notice.Event).Bind(3, notice.At.ToUnixTimeSeconds()).Bind(4, notice.Other.ToString())
            .Bind(5, (long)notice.Target.Space).Bind(6, notice.Target.Name).Bind(7, (long)notice.Access).Bind(8, notice.Invitation).Bind(9, notice.Summary).Run();
        _trim.Run();
    }

    public void Remove(string id) => _remove.Bind(1, id).Run();

    public List<SharingNotice> List()
    {
        var notices = new List<SharingNotice>();
        while (_list.Step())
        {
            notices.Add(new SharingNotice(
                _list.Text(0)!, (SharingEvent)_list.Long(1), DateTimeOffset.FromUnixTimeSeconds(_list.Long(2)), EmailAddress.Parse(_list.Text(3)!),
                CollectionPath.HomeOf((CollectionSpace)_list.Long(4)).Child(_list.Text(5)!), (CollectionAccess)_list.Long(6), _list.Text(7)!, _list.Text(8)!));
        }

        _list.Reset();
        return notices;
    }
}

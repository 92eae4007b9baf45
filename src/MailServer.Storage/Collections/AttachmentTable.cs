using MailServer.Domain.Collections;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>Managed attachments and their references from resources. Unreferenced attachments are removed.</summary>
internal sealed class AttachmentTable(SqliteDatabase database)
{
    private const string Unused = "DELETE FROM attachments WHERE id NOT IN (SELECT attachment FROM attachment_uses)";

    private readonly SqliteStatement _insert = database.Prepare("INSERT INTO attachments VALUES (?, ?, ?, ?, ?)");
    private readonly SqliteStatement _find = database.Prepare("SELECT type, name, body FROM attachments WHERE id = ?");
    private readonly SqliteStatement _use = database.Prepare("INSERT OR IGNORE INTO attachment_uses SELECT id, ? FROM attachments WHERE id = ?");
    private readonly SqliteStatement _forget = database.Prepare("DELETE FROM attachment_uses WHERE resource = ?");
    private readonly SqliteStatement _users = database.Prepare(
        "SELECT r.collection, r.name FROM attachment_uses u JOIN resources r ON r.id = u.resource WHERE u.attachment = ? ORDER BY r.id");

    private readonly SqliteStatement _used = database.Prepare("SELECT attachment FROM attachment_uses WHERE resource = ?");

    private long _count = database.Scalar("SELECT count(*) FROM attachments");

    public void Reload() => _count = database.Scalar("SELECT count(*) FROM attachments");

    public void Insert(ManagedAttachment added)
    {
        _insert.Bind(1, added.Id).Bind(2, added.ContentType).Bind(3, added.FileName).Bind(4, added.Body.Length).BindBlob(5, added.Body.Span).Run();
        _count++;
    }

    public ManagedAttachment? Find(string id)
    {
        var found = _find.Bind(1, id).Step() ? new ManagedAttachment(id, _find.Text(0)!, _find.Text(1)!, _find.Blob(2).ToArray()) : null;
        _find.Reset();
        return found;
    }

    /// <summary>Returns the resources that refer to an attachment, each with its collection.</summary>
    public List<(long Collection, string Name)> UsersOf(string id)
    {
        var users = new List<(long, string)>();
        if (_count == 0) return users;
        _users.Bind(1, id);
        while (_users.Step()) users.Add((_users.Long(0), _users.Text(1)!));
        _users.Reset();
        return users;
    }

    /// <summary>Returns the attachments that a resource refers to.</summary>
    public HashSet<string> UsedBy(long resource)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        if (_count == 0) return used;
        _used.Bind(1, resource);
        while (_used.Step()) used.Add(_used.Text(0)!);
        _used.Reset();
        return used;
    }

    /// <summary>Replaces the references of a resource; returns the number of octets freed.</summary>
    public long SetUses(long resource, IReadOnlyList<string> attachments)
    {
        if (_count == 0) return 0;
        _forget.Bind(1, resource).Run();
        foreach (var id in attachments) _use.Bind(1, resource).Bind(2, id).Run();
        return RemoveUnused();
    }

    public void CopyUses(long resource, long copy)
    {
        if (_count > 0) database.Execute($"INSERT OR IGNORE INTO attachment_uses SELECT attachment, {copy} FROM attachment_uses WHERE resource = {resource}");
    }

    /// <summary>Removes the references of a collection that is being removed; returns the number of octets freed.</summary>
    public long RemoveAll(long collection)
    {
        if (_count == 0) return 0;
        database.Execute($"DELETE FROM attachment_uses WHERE resource IN (SELECT id FROM resources WHERE collection = {collection})");
        return RemoveUnused();
    }

    public long TotalSize() => database.Scalar("SELECT coalesce(sum(size), 0) FROM attachments");

    private long RemoveUnused()
    {
        var before = TotalSize();
        database.Execute(Unused);
        Reload();
        return before - TotalSize();
    }
}

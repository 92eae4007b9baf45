using MailServer.Domain.Collections;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>The resources of one account, their bodies, and the record of removed ones.</summary>
internal sealed class ResourceTable(SqliteDatabase database)
{
    private const int MaxRowsOfPage = 500;
    private const string Columns = "r.id, r.name, r.etag, r.size, r.type, r.component, r.created, r.modified, r.modseq, (SELECT tag FROM scheduled s WHERE s.id = r.id)";

    private readonly SqliteStatement _find = database.Prepare($"SELECT {Columns} FROM resources r WHERE collection = ? AND name = ?");
    private readonly SqliteStatement _findUid = database.Prepare("SELECT name FROM resources WHERE collection = ? AND uid = ?");
    private readonly SqliteStatement _uidOf = database.Prepare("SELECT uid FROM resources WHERE id = ?");
    private readonly SqliteStatement _body = database.Prepare("SELECT body FROM bodies WHERE id = ?");
    private readonly SqliteStatement _list = database.Prepare($"SELECT {Columns} FROM resources r WHERE collection = ? AND id > ? ORDER BY id LIMIT ?");
    private readonly SqliteStatement _query = database.Prepare(
        $"SELECT {Columns}, b.body, i.times FROM resources r JOIN bodies b ON b.id = r.id LEFT JOIN instances i ON i.id = r.id WHERE collection = ?1 AND r.id > ?2 "
        + "AND (?3 = 0 OR component & ?3) AND first <= ?5 AND last >= ?4 ORDER BY r.id");
    private readonly SqliteStatement _queryEntries = database.Prepare(
        $"SELECT {Columns} FROM resources r WHERE collection = ?1 AND r.id > ?2 AND (?3 = 0 OR component & ?3) AND first <= ?5 AND last >= ?4 ORDER BY r.id LIMIT ?6");
    private readonly SqliteStatement _changed = database.Prepare(
        $"SELECT {Columns} FROM resources r WHERE collection = ? AND modseq > ? AND modseq <= ? ORDER BY modseq LIMIT ?");
    private readonly SqliteStatement _removed = database.Prepare(
        "SELECT name, modseq FROM removed WHERE collection = ? AND modseq > ? AND modseq <= ? ORDER BY modseq LIMIT ?");
    private readonly SqliteStatement _insert = database.Prepare(
        "INSERT INTO resources (collection, name, etag, size, type, component, created, modified, modseq, uid, first, last) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id");
    private readonly SqliteStatement _update = database.Prepare(
        "UPDATE resources SET etag = ?, size = ?, type = ?, component = ?, modified = ?, modseq = ?, uid = ?, first = ?, last = ? WHERE id = ?");
    private readonly SqliteStatement _saveBody = database.Prepare("INSERT OR REPLACE INTO bodies VALUES (?, ?)");
    private readonly SqliteStatement _saveTimes = database.Prepare("INSERT OR REPLACE INTO instances VALUES (?, ?)");
    private readonly SqliteStatement _deleteTimes = database.Prepare("DELETE FROM instances WHERE id = ?");
    private readonly SqliteStatement _copyTimes = database.Prepare("INSERT INTO instances SELECT ?, times FROM instances WHERE id = ?");
    private readonly SqliteStatement _wasRemoved = database.Prepare("SELECT 1 FROM removed WHERE collection = ? AND name = ?");
    private readonly SqliteStatement _delete = database.Prepare("DELETE FROM resources WHERE id = ?");
    private readonly SqliteStatement _deleteBody = database.Prepare("DELETE FROM bodies WHERE id = ?");
    private readonly SqliteStatement _insertRemoved = database.Prepare("INSERT OR REPLACE INTO removed VALUES (?, ?, ?)");
    private readonly SqliteStatement _deleteRemoved = database.Prepare("DELETE FROM removed WHERE collection = ? AND name = ?");
    private readonly SqliteStatement _move = database.Prepare("UPDATE resources SET collection = ?, name = ?, modseq = ? WHERE id = ?");
    private readonly SqliteStatement _touch = database.Prepare("UPDATE resources SET modseq = ? WHERE id = ?");
    private readonly SqliteStatement _copy = database.Prepare(
        "INSERT INTO resources (collection, name, etag, size, type, component, created, modified, modseq, uid, first, last) "
        + "SELECT ?, ?, etag, size, type, component, ?, modified, ?, uid, first, last FROM resources WHERE id = ? RETURNING id");
    private readonly SqliteStatement _copyBody = database.Prepare("INSERT INTO bodies SELECT ?, body FROM bodies WHERE id = ?");
    private readonly SqliteStatement _size = database.Prepare("SELECT coalesce(sum(size), 0) FROM resources WHERE collection = ?");

    public ResourceEntry? Find(long collection, string name)
    {
        var found = _find.Bind(1, collection).Bind(2, name).Step() ? Entry(_find) : null;
        _find.Reset();
        return found;
    }

    /// <summary>Returns the name of the resource with this UID; null if there is none.</summary>
    public string? FindUid(long collection, string uid)
    {
        var name = _findUid.Bind(1, collection).Bind(2, uid).Step() ? _findUid.Text(0) : null;
        _findUid.Reset();
        return name;
    }

    public string? UidOf(long id)
    {
        var uid = _uidOf.Bind(1, id).Step() ? _uidOf.Text(0) : null;
        _uidOf.Reset();
        return uid;
    }

    public byte[] Body(long id)
    {
        var body = _body.Bind(1, id).Step() ? _body.Blob(0).ToArray() : throw new InvalidDataException($"resource {id} has no body");
        _body.Reset();
        return body;
    }

    /// <summary>Adds the body, or marks the entry as unreadable.</summary>
    public ResourceEntry WithBody(ResourceEntry entry)
    {
        try
        {
            return entry with { Body = Body(entry.Id) };
        }
        catch (Exception e) when (e is SqliteNativeException { IsCorrupt: true } or InvalidDataException)
        {
            return entry with { IsUnreadable = true };
        }
    }

    public List<ResourceEntry> List(long collection, long after, int limit) =>
        Read(_list.Bind(1, collection).Bind(2, after).Bind(3, limit));

    public List<ResourceEntry> Changed(long collection, long after, long upTo, int limit) =>
        Read(_changed.Bind(1, collection).Bind(2, after).Bind(3, upTo).Bind(4, limit));

    public List<(string Name, long ModSeq)> Removed(long collection, long after, long upTo, int limit)
    {
        var removed = new List<(string, long)>();
        _removed.Bind(1, collection).Bind(2, after).Bind(3, upTo).Bind(4, limit);
        while (_removed.Step()) removed.Add((_removed.Text(0)!, _removed.Long(1)));
        _removed.Reset();
        return removed;
    }

    /// <summary>Returns a page of resources that may match the plan, and the id after which to continue; null at the end.</summary>
    public (List<ResourceEntry> Found, long? Next) Query(long collection, long after, QueryPlan plan, int maxOctets)
    {
        try
        {
            return QueryAtOnce(collection, after, plan, maxOctets);
        }
        catch (SqliteNativeException failure) when (failure.IsCorrupt)
        {
            // One damaged page must not hide other resources: read each one separately, without the table of instance times.
            return QueryOneByOne(collection, after, plan, maxOctets);
        }
    }

    private (List<ResourceEntry> Found, long? Next) QueryOneByOne(long collection, long after, QueryPlan plan, int maxOctets)
    {
        const int Page = 200;
        var found = new List<ResourceEntry>();
        var octets = 0L;
        var page = Read(_queryEntries.Bind(1, collection).Bind(2, after).Bind(3, (long)plan.Components).Bind(4, plan.First).Bind(5, plan.Last).Bind(6, Page));
        foreach (var entry in page)
        {
            found.Add(WithBody(entry));
            octets += found[^1].Body.Length;
            if (octets >= maxOctets) return (found, entry.Id);
        }

        return (found, page.Count == Page ? page[^1].Id : null);
    }

    private (List<ResourceEntry> Found, long? Next) QueryAtOnce(long collection, long after, QueryPlan plan, int maxOctets)
    {
        var found = new List<ResourceEntry>();
        var text = new FoldedTextMatcher(plan.Text);
        var octets = 0L;
        var rows = 0;
        var statement = _query.Bind(1, collection).Bind(2, after).Bind(3, (long)plan.Components).Bind(4, plan.First).Bind(5, plan.Last);
        long? next = null;
        while (next is null && statement.Step())
        {
            // A page also ends after a number of rows, so that a query with few matches does not block the store actor.
            if (++rows >= MaxRowsOfPage) next = statement.Long(0);
            var decided = plan.IsTimeRangeOnly && !statement.IsNull(11);
            if (decided && !InstanceTimes.Overlap(statement.Blob(11), plan.First, plan.Last)) continue;
            var body = statement.Blob(10);
            octets += body.Length;
            if (text.IsIn(body)) found.Add(Entry(statement) with { Body = body.ToArray(), IsKnownMatch = decided });
            if (octets >= maxOctets) next = statement.Long(0);
        }

        statement.Reset();
        return (found, next);
    }

    public long Insert(long collection, string name, NewResource resource, long time, long modSeq)
    {
        _insert.Bind(1, collection).Bind(2, name).Bind(3, resource.ETag).Bind(4, resource.Body.Length).Bind(5, resource.ContentType)
            .Bind(6, (long)resource.Component).Bind(7, time).Bind(8, time).Bind(9, modSeq).Bind(10, resource.Uid)
            .Bind(11, resource.First).Bind(12, resource.Last).Step();
        var id = _insert.Long(0);
        _insert.Reset();
        Save(id, resource);
        _deleteRemoved.Bind(1, collection).Bind(2, name).Run();
        return id;
    }

    public void Update(long id, NewResource resource, long time, long modSeq)
    {
        _update.Bind(1, resource.ETag).Bind(2, resource.Body.Length).Bind(3, resource.ContentType).Bind(4, (long)resource.Component)
            .Bind(5, time).Bind(6, modSeq).Bind(7, resource.Uid).Bind(8, resource.First).Bind(9, resource.Last).Bind(10, id).Run();
        if (resource.Instances.IsEmpty) _deleteTimes.Bind(1, id).Run();
        Save(id, resource);
    }

    /// <summary>True if the removal of a resource with this name is recorded.</summary>
    public bool WasRemoved(long collection, string name)
    {
        var was = _wasRemoved.Bind(1, collection).Bind(2, name).Step();
        _wasRemoved.Reset();
        return was;
    }

    public void Touch(long id, long modSeq) => _touch.Bind(1, modSeq).Bind(2, id).Run();

    /// <summary>Removes a resource and records the removal.</summary>
    public void Remove(long collection, long id, string name, long modSeq)
    {
        _delete.Bind(1, id).Run();
        _deleteBody.Bind(1, id).Run();
        _deleteTimes.Bind(1, id).Run();
        _insertRemoved.Bind(1, collection).Bind(2, name).Bind(3, modSeq).Run();
    }

    public void Move(long from, ResourceEntry entry, long gone, long to, string name, long modSeq)
    {
        _move.Bind(1, to).Bind(2, name).Bind(3, modSeq).Bind(4, entry.Id).Run();
        _insertRemoved.Bind(1, from).Bind(2, entry.Name).Bind(3, gone).Run();
        _deleteRemoved.Bind(1, to).Bind(2, name).Run();
    }

    public long Copy(long id, long to, string name, long time, long modSeq)
    {
        _copy.Bind(1, to).Bind(2, name).Bind(3, time).Bind(4, modSeq).Bind(5, id).Step();
        var copy = _copy.Long(0);
        _copy.Reset();
        _copyBody.Bind(1, copy).Bind(2, id).Run();
        _copyTimes.Bind(1, copy).Bind(2, id).Run();
        _deleteRemoved.Bind(1, to).Bind(2, name).Run();
        return copy;
    }

    /// <summary>Removes all resources of a collection that is being removed; returns their total size.</summary>
    public long RemoveAll(long collection)
    {
        var size = SizeOf(collection);
        database.Execute(
            $"DELETE FROM properties WHERE owner IN (SELECT -id FROM resources WHERE collection = {collection}); "
            + $"DELETE FROM bodies WHERE id IN (SELECT id FROM resources WHERE collection = {collection}); "
            + $"DELETE FROM instances WHERE id IN (SELECT id FROM resources WHERE collection = {collection}); "
            + $"DELETE FROM resources WHERE collection = {collection}; DELETE FROM removed WHERE collection = {collection}");
        return size;
    }

    /// <summary>Deletes the oldest records of removals beyond <paramref name="keep"/>; returns the last deleted mod-sequence, or null.</summary>
    public long? ForgetRemoved(long collection, int keep)
    {
        var last = database.Scalar($"SELECT modseq FROM removed WHERE collection = {collection} ORDER BY modseq DESC LIMIT 1 OFFSET {keep}");
        if (last == 0) return null;
        database.Execute($"DELETE FROM removed WHERE collection = {collection} AND modseq <= {last}");
        return last;
    }

    /// <summary>Returns the total size of the resources of a collection.</summary>
    public long SizeOf(long collection)
    {
        _size.Bind(1, collection).Step();
        var size = _size.Long(0);
        _size.Reset();
        return size;
    }

    public long TotalSize() => database.Scalar("SELECT coalesce(sum(size), 0) FROM resources");

    private void Save(long id, NewResource resource)
    {
        _saveBody.Bind(1, id).BindBlob(2, resource.Body.Span).Run();
        if (!resource.Instances.IsEmpty) _saveTimes.Bind(1, id).BindBlob(2, resource.Instances.Span).Run();
    }

    private static List<ResourceEntry> Read(SqliteStatement statement)
    {
        var entries = new List<ResourceEntry>();
        while (statement.Step()) entries.Add(Entry(statement));
        statement.Reset();
        return entries;
    }

    private static ResourceEntry Entry(SqliteStatement row) => new()
    {
        Id = row.Long(0),
        Name = row.Text(1)!,
        ETag = row.Text(2)!,
        Size = row.Long(3),
        ContentType = row.Text(4)!,
        Component = (CalendarComponents)row.Long(5),
        Created = DateTimeOffset.FromUnixTimeSeconds(row.Long(6)),
        Modified = DateTimeOffset.FromUnixTimeSeconds(row.Long(7)),
        ModSeq = row.Long(8),
        ScheduleTag = row.Text(9),
    };
}

using MailServer.Domain.Collections;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>Scheduling objects, that is, resources with an organizer and attendees: found by UID in all calendars, with their schedule tags.</summary>
internal sealed class SchedulingObjectTable(SqliteDatabase database)
{
    /// <summary>The trigger removes the row of a removed resource.</summary>
    public const string Schema = """
        CREATE TABLE scheduled (id INTEGER PRIMARY KEY, uid TEXT NOT NULL, tag TEXT NOT NULL, sequence INTEGER, stamp INTEGER);
        CREATE INDEX scheduled_uid ON scheduled (uid);
        CREATE TRIGGER scheduled_removed AFTER DELETE ON resources BEGIN DELETE FROM scheduled WHERE id = old.id; END;
        """;

    private readonly SqliteStatement _save = database.Prepare("INSERT OR REPLACE INTO scheduled VALUES (?, ?, ?, ?, ?)");
    private readonly SqliteStatement _remove = database.Prepare("DELETE FROM scheduled WHERE id = ?");
    private readonly SqliteStatement _revision = database.Prepare("SELECT sequence, stamp FROM scheduled WHERE id = ?");
    private readonly SqliteStatement _find = database.Prepare(
        "SELECT r.id, r.collection, r.name FROM scheduled s JOIN resources r ON r.id = s.id WHERE s.uid = ?");
    private readonly SqliteStatement _in = database.Prepare(
        "SELECT r.name FROM scheduled s JOIN resources r ON r.id = s.id WHERE r.collection = ? ORDER BY r.id");

    public void Save(long id, NewResource resource, bool isNew)
    {
        if (resource is not { ScheduleTag: { } tag, Uid: { } uid })
        {
            if (!isNew) _remove.Bind(1, id).Run();
            return;
        }

        _save.Bind(1, id).Bind(2, uid).Bind(3, tag);
        if (resource.Revision is { } revision) _save.Bind(4, revision.Sequence).Bind(5, revision.Stamp).Run();
        else _save.Bind(4, (string?)null).Bind(5, (string?)null).Run();
    }

    public ItipRevision? RevisionOf(long id)
    {
        ItipRevision? revision = _revision.Bind(1, id).Step() && !_revision.IsNull(0) ? new ItipRevision(_revision.Long(0), _revision.Long(1)) : null;
        _revision.Reset();
        return revision;
    }

    public (long Id, long Collection, string Name)? Find(string uid)
    {
        (long, long, string)? found = _find.Bind(1, uid).Step() ? (_find.Long(0), _find.Long(1), _find.Text(2)!) : null;
        _find.Reset();
        return found;
    }

    public List<string> NamesIn(long collection)
    {
        var names = new List<string>();
        _in.Bind(1, collection);
        while (_in.Step()) names.Add(_in.Text(0)!);
        _in.Reset();
        return names;
    }
}

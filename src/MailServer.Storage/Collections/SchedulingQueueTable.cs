using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>Queued scheduling messages, in the order of their creation.</summary>
internal sealed class SchedulingQueueTable
{
    public const string Schema = """
        CREATE TABLE outgoing (
            id INTEGER PRIMARY KEY AUTOINCREMENT, method TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL, uid TEXT NOT NULL,
            body BLOB NOT NULL, created INTEGER NOT NULL);
        """;

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _add;
    private readonly SqliteStatement _list;
    private readonly SqliteStatement _remove;

    public SchedulingQueueTable(SqliteDatabase database)
    {
        _database = database;
        _add = database.Prepare("INSERT INTO outgoing (method, sender, recipient, uid, body, created) VALUES (?, ?, ?, ?, ?, ?) RETURNING id");
        _list = database.Prepare("SELECT id, method, sender, recipient, uid, body, created FROM outgoing WHERE id > ? ORDER BY id LIMIT ?");
        _remove = database.Prepare("DELETE FROM outgoing WHERE id = ?");
        Load();
    }

    public long Count { get; private set; }

    /// <summary>The highest id assigned so far.</summary>
    public long Last { get; private set; }

    public void Load()
    {
        Count = _database.Scalar("SELECT count(*) FROM outgoing");
        Last = _database.Scalar("SELECT seq FROM sqlite_sequence WHERE name = 'outgoing'");
    }

    public SchedulingMessage Add(SchedulingMessage message)
    {
        _add.Bind(1, message.Method).Bind(2, message.Sender.ToString()).Bind(3, message.Recipient.ToString()).Bind(4, message.Uid)
            .BindBlob(5, message.Body.Span).Bind(6, message.Created.ToUnixTimeSeconds()).Step();
        var id = _add.Long(0);
        _add.Reset();
        Count++;
        Last = id;
        return message with { Id = id };
    }

    public List<SchedulingMessage> List(long after, int limit)
    {
        var messages = new List<SchedulingMessage>();
        _list.Bind(1, after).Bind(2, limit);
        while (_list.Step())
        {
            messages.Add(new SchedulingMessage(
                _list.Long(0), _list.Text(1)!, EmailAddress.Parse(_list.Text(2)!), EmailAddress.Parse(_list.Text(3)!), _list.Text(4)!,
                _list.Blob(5).ToArray(), DateTimeOffset.FromUnixTimeSeconds(_list.Long(6))));
        }

        _list.Reset();
        return messages;
    }

    public void Remove(long id)
    {
        _remove.Bind(1, id).Run();
        Count--;
    }
}

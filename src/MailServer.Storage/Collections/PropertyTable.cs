using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>Client-defined properties of collections (owner: id) and resources (owner: negated id).</summary>
internal sealed class PropertyTable(SqliteDatabase database)
{
    private readonly SqliteStatement _select = database.Prepare("SELECT name, value FROM properties WHERE owner = ?");
    private readonly SqliteStatement _set = database.Prepare("INSERT OR REPLACE INTO properties VALUES (?, ?, ?)");
    private readonly SqliteStatement _remove = database.Prepare("DELETE FROM properties WHERE owner = ? AND name = ?");
    private readonly SqliteStatement _removeAll = database.Prepare("DELETE FROM properties WHERE owner = ?");
    private readonly SqliteStatement _copy = database.Prepare("INSERT OR REPLACE INTO properties SELECT ?, name, value FROM properties WHERE owner = ?");

    public Dictionary<string, string> Of(long owner)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        _select.Bind(1, owner);
        while (_select.Step()) properties.Add(_select.Text(0)!, _select.Text(1)!);
        _select.Reset();
        return properties;
    }

    public void Set(long owner, string name, string? value)
    {
        if (value is null) _remove.Bind(1, owner).Bind(2, name).Run();
        else _set.Bind(1, owner).Bind(2, name).Bind(3, value).Run();
    }

    public void RemoveAll(long owner) => _removeAll.Bind(1, owner).Run();

    public void Copy(long from, long to) => _copy.Bind(1, to).Bind(2, from).Run();
}

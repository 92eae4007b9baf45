using MailServer.Domain.Collections;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>The collections of one account, in memory and in the database.</summary>
internal sealed class CollectionTree
{
    private readonly SqliteDatabase _database;
    private readonly PropertyTable _properties;
    private readonly ShareTables _shares;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _delete;
    private readonly Dictionary<CollectionSpace, CollectionNode> _homes = [];
    private readonly HashSet<CollectionNode> _dirty = [];

    public CollectionTree(SqliteDatabase database, PropertyTable properties, ShareTables shares)
    {
        _database = database;
        _properties = properties;
        _shares = shares;
        _insert = database.Prepare(
            "INSERT INTO collections (parent, name, kind, space, components, created, modseq, forgotten) VALUES (?, ?, ?, ?, ?, ?, ?, 0) RETURNING id");
        _update = database.Prepare("UPDATE collections SET parent = ?, name = ?, modseq = ?, forgotten = ? WHERE id = ?");
        _delete = database.Prepare("DELETE FROM collections WHERE id = ?");
        Load();
    }

    public int Count { get; private set; }

    /// <summary>Number of mounted collections of other accounts.</summary>
    public int Mounts { get; private set; }

    public bool IsNew => _homes.Count == 0;

    /// <summary>Reloads all collections after a rollback.</summary>
    public void Load()
    {
        _homes.Clear();
        _dirty.Clear();
        Count = 0;
        var nodes = new Dictionary<long, CollectionNode>();
        using var select = _database.PrepareOnce("SELECT id, parent, name, kind, space, components, created, modseq, forgotten FROM collections ORDER BY id");
        var rows = new List<(long Parent, string Name, CollectionNode Node)>();
        while (select.Step())
        {
            var node = new CollectionNode
            {
                Id = select.Long(0),
                Parent = null,
                Path = CollectionPath.HomeOf((CollectionSpace)select.Long(4)),
                Kind = (CollectionKind)select.Long(3),
                Components = (CalendarComponents)select.Long(5),
                Created = select.Long(6),
                ModSeq = select.Long(7),
                PrunedModSeq = select.Long(8),
                Properties = _properties.Of(select.Long(0)),
                Grants = _shares.Grants(select.Long(0)),
                Mount = _shares.Mount(select.Long(0)),
                Secrets = [.. _shares.Links(select.Long(0)).Select(link => link.Secret)],
            };
            nodes.Add(node.Id, node);
            rows.Add((select.Long(1), select.Text(2)!, node));
        }

        foreach (var (parent, name, node) in rows)
        {
            Count++;
            if (parent == 0)
            {
                _homes.Add(node.Path.Space, node);
            }
            else if (nodes.TryGetValue(parent, out var holder))
            {
                node.Parent = holder;
                holder.Children.Add(name, node);
            }
        }

        foreach (var home in _homes.Values) home.Relocate(home.Path);
        CountMounts();
    }

    public void CountMounts() => Mounts = _homes.Values.Sum(home => home.Children.Values.Count(child => child.Kind == CollectionKind.Mount));

    public CollectionNode? Find(CollectionPath path)
    {
        if (!_homes.TryGetValue(path.Space, out var node)) return null;
        foreach (var name in path.Names)
            if (!node.Children.TryGetValue(name, out node)) return null;
        return node;
    }

    /// <summary>Returns the path of a collection by id; null if it does not exist.</summary>
    public CollectionPath? PathOf(long id) => _homes.Values.SelectMany(home => home.Subtree()).FirstOrDefault(node => node.Id == id)?.Path;

    public CollectionNode Add(CollectionNode? parent, CollectionPath path, CollectionKind kind, CalendarComponents components, long created, long modSeq)
    {
        // Homes have no parent; the name of the space keeps their rows distinct.
        _insert.Bind(1, parent?.Id ?? 0).Bind(2, parent is null ? path.Space.ToString() : path.Name).Bind(3, (long)kind).Bind(4, (long)path.Space)
            .Bind(5, (long)components).Bind(6, created).Bind(7, modSeq).Step();
        var id = _insert.Long(0);
        _insert.Reset();
        var node = new CollectionNode
        {
            Id = id,
            Parent = parent,
            Path = path,
            Kind = kind,
            Components = components,
            Created = created,
            ModSeq = modSeq,
            PrunedModSeq = 0,
        };
        if (parent is null) _homes.Add(path.Space, node);
        else parent.Children.Add(path.Name, node);
        Count++;
        return node;
    }

    public void Changed(CollectionNode node, long modSeq)
    {
        node.Changed(modSeq);
        _dirty.Add(node);
    }

    public void Move(CollectionNode node, CollectionNode parent, CollectionPath path, long modSeq)
    {
        node.Parent!.Children.Remove(node.Path.Name);
        node.Parent = parent;
        parent.Children.Add(path.Name, node);
        node.Relocate(path);
        Changed(node, modSeq);
    }

    public void Remove(CollectionNode node)
    {
        node.Parent!.Children.Remove(node.Path.Name);
        foreach (var gone in node.Subtree())
        {
            _delete.Bind(1, gone.Id).Run();
            _properties.RemoveAll(gone.Id);
            _shares.RemoveAll(gone.Id);
            _dirty.Remove(gone);
            Count--;
        }

        CountMounts();
    }

    /// <summary>The collections changed in the open transaction.</summary>
    public IReadOnlyCollection<CollectionNode> Changes => _dirty;

    /// <summary>Writes the rows of changed collections, once per transaction.</summary>
    public void SaveChanged()
    {
        foreach (var node in _dirty)
        {
            _update.Bind(1, node.Parent?.Id ?? 0).Bind(2, node.Parent is null ? node.Path.Space.ToString() : node.Path.Name)
                .Bind(3, node.ModSeq).Bind(4, node.PrunedModSeq).Bind(5, node.Id).Run();
            node.PropertiesChanged = false;
        }

        _dirty.Clear();
    }
}

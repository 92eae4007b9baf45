namespace MailServer.Domain.Collections;

/// <summary>Translates the paths of requests and replies between the home of a sharee and the shared collection in the home of its owner.</summary>
public sealed class Relocation(CollectionPath from, CollectionPath to)
{
    /// <summary>Returns the path of a request; null if it has none.</summary>
    public static CollectionPath? PathOf(CollectionRequest request) => request switch
    {
        CollectionRequest.Find r => r.Path,
        CollectionRequest.List r => r.Path,
        CollectionRequest.Query r => r.Path,
        CollectionRequest.ReadMany r => r.Path,
        CollectionRequest.Synchronise r => r.Path,
        CollectionRequest.FindLocks r => r.Path,
        CollectionRequest.Put r => r.Path,
        CollectionRequest.Delete r => r.Path,
        CollectionRequest.MakeCollection r => r.Path,
        CollectionRequest.SetProperties r => r.Path,
        CollectionRequest.Transfer r => r.From,
        CollectionRequest.Lock r => r.Path,
        CollectionRequest.RefreshLock r => r.Path,
        CollectionRequest.Unlock r => r.Path,
        CollectionRequest.Subscribe r => r.Path,
        _ => null,
    };

    /// <summary>Translates the paths of a request to the owner's home; null if the request type cannot be translated.</summary>
    public CollectionRequest? There(CollectionRequest request)
    {
        if (request is CollectionRequest.Change change) request = change with { Conditions = There(change.Conditions) };
        return request switch
        {
            CollectionRequest.Find r => r with { Path = There(r.Path) },
            CollectionRequest.List r => r with { Path = There(r.Path) },
            CollectionRequest.Query r => r with { Path = There(r.Path) },
            CollectionRequest.ReadMany r => r with { Path = There(r.Path) },
            CollectionRequest.Synchronise r => r with { Path = There(r.Path) },
            CollectionRequest.FindLocks r => r with { Path = There(r.Path) },
            CollectionRequest.Put r => r with { Path = There(r.Path) },
            CollectionRequest.Delete r => r with { Path = There(r.Path) },
            CollectionRequest.MakeCollection r => r with { Path = There(r.Path) },
            CollectionRequest.SetProperties r => r with { Path = There(r.Path) },
            CollectionRequest.Transfer r when from.Contains(r.To) => r with { From = There(r.From), To = There(r.To) },
            CollectionRequest.Lock r => r with { Path = There(r.Path) },
            CollectionRequest.RefreshLock r => r with { Path = There(r.Path) },
            CollectionRequest.Unlock r => r with { Path = There(r.Path) },
            CollectionRequest.Subscribe r => r with { Path = There(r.Path) },
            _ => null,
        };
    }

    /// <summary>Translates the paths of a reply back to the sharee's home.</summary>
    public CollectionReply Here(CollectionReply reply) => reply switch
    {
        CollectionReply.Refused { Path: { } path } r => r with { Path = Here(path) },
        CollectionReply.Found r => r with { Collection = Here(r.Collection), Parent = Here(r.Parent) },
        CollectionReply.Page r => r with { Collection = Here(r.Collection)!, Collections = [.. r.Collections.Select(c => Here(c)!)] },
        CollectionReply.Changes r => r with { Collection = Here(r.Collection)! },
        CollectionReply.Locked r => r with { Lock = Here(r.Lock) },
        CollectionReply.Locks r => r with { Active = [.. r.Active.Select(Here)] },
        _ => reply,
    };

    public CollectionPath There(CollectionPath path) => Move(path, from, to);

    public CollectionPath Here(CollectionPath path) => Move(path, to, from);

    private static CollectionPath Move(CollectionPath path, CollectionPath root, CollectionPath other) =>
        root.Contains(path) ? new CollectionPath(other.Space, [.. other.Names, .. path.Names.AsSpan()[root.Names.Length..]]) : path;

    private CollectionInfo? Here(CollectionInfo? info) => info is null ? null : info with { Path = Here(info.Path) };

    private ResourceLock Here(ResourceLock held) => held with { Root = Here(held.Root) };

    private Preconditions There(Preconditions conditions) => conditions.If.Count == 0
        ? conditions
        : conditions with { If = [.. conditions.If.Select(list => list.Resource is { } path ? list with { Resource = There(path) } : list)] };
}

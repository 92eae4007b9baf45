namespace MailServer.Domain.Collections;

/// <summary>Translates the paths of requests and replies between the home of a sharee and the shared collection in the home of its owner.</summary>
public sealed class MountPathTranslator(CollectionPath from, CollectionPath to)
{
    /// <summary>Returns the path of a request; null if it has none.</summary>
    public static CollectionPath? PathOf(CollectionRequest request) => request switch
    {
        CollectionRequest.Find r => r.Path,
        CollectionRequest.List r => r.Path,
        CollectionRequest.Query r => r.Path,
        CollectionRequest.Search r => r.Path,
        CollectionRequest.ListBusyTimes r => r.Path,
        CollectionRequest.ReadMany r => r.Path,
        CollectionRequest.Synchronise r => r.Path,
        CollectionRequest.FindLocks r => r.Path,
        CollectionRequest.Put r => r.Path,
        CollectionRequest.Upload r => r.Path,
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
    public CollectionRequest? ToTarget(CollectionRequest request)
    {
        if (request is CollectionRequest.Change change) request = change with { Conditions = ToTarget(change.Conditions) };
        return request switch
        {
            CollectionRequest.Find r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.List r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.Query r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.Search r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.ListBusyTimes r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.ReadMany r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.Synchronise r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.FindLocks r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.Put r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.Upload r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.Delete r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.MakeCollection r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.SetProperties r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.Transfer r when from.Contains(r.To) => r with { From = ToTarget(r.From), To = ToTarget(r.To) },
            CollectionRequest.Lock r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.RefreshLock r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.Unlock r => r with { Path = ToTarget(r.Path) },
            CollectionRequest.Subscribe r => r with { Path = ToTarget(r.Path) },
            _ => null,
        };
    }

    /// <summary>Translates the paths of a reply back to the sharee's home.</summary>
    public CollectionReply FromTarget(CollectionReply reply) => reply switch
    {
        CollectionReply.Refused { Path: { } path } r => r with { Path = FromTarget(path) },
        CollectionReply.ItemFound r => r with { Collection = FromTarget(r.Collection), Parent = FromTarget(r.Parent) },
        CollectionReply.Page r => r with { Collection = FromTarget(r.Collection)!, Collections = [.. r.Collections.Select(c => FromTarget(c)!)] },
        CollectionReply.Changes r => r with { Collection = FromTarget(r.Collection)! },
        CollectionReply.Locked r => r with { Lock = FromTarget(r.Lock) },
        CollectionReply.Locks r => r with { Active = [.. r.Active.Select(FromTarget)] },
        _ => reply,
    };

    public CollectionPath ToTarget(CollectionPath path) => Move(path, from, to);

    public CollectionPath FromTarget(CollectionPath path) => Move(path, to, from);

    private static CollectionPath Move(CollectionPath path, CollectionPath root, CollectionPath other) =>
        root.Contains(path) ? new CollectionPath(other.Space, [.. other.Names, .. path.Names.AsSpan()[root.Names.Length..]]) : path;

    private CollectionInfo? FromTarget(CollectionInfo? info) => info is null ? null : info with { Path = FromTarget(info.Path) };

    private ResourceLock FromTarget(ResourceLock held) => held with { Root = FromTarget(held.Root) };

    /// <summary>Translates the resources that an If header names.</summary>
    public Preconditions ToTarget(Preconditions conditions) => conditions.If.Count == 0
        ? conditions
        : conditions with { If = [.. conditions.If.Select(list => list.Resource is { } path ? list with { Resource = ToTarget(path) } : list)] };
}

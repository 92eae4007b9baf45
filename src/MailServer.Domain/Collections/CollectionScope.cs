namespace MailServer.Domain.Collections;

/// <summary>Determines the single collection that a request concerns: a calendar, an address book, or the whole file space of the account.</summary>
public static class CollectionScope
{
    /// <summary>The root of the collection; null for requests about several collections or a home, and for requests that create or remove a collection.</summary>
    public static CollectionPath? Of(CollectionRequest request)
    {
        if (request is CollectionRequest.Transfer or CollectionRequest.MakeCollection || MountPathTranslator.PathOf(request) is not { } path) return null;
        if (path.Space == CollectionSpace.Files) return CollectionPath.HomeOf(CollectionSpace.Files);
        if (path.IsHome) return null;
        var top = new CollectionPath(path.Space, [path.Names[0]]);
        return request is CollectionRequest.Delete && path.Equals(top) ? null : top;
    }
}

using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

// Requests about a single collection go through the actor of that collection. Requests about several collections or a home are served here.
internal sealed partial class CollectionsActor
{
    private const int MaxWaitingForCollection = 1_000;

    /// <summary>Keyed by collection id, which stays the same when a collection is renamed.</summary>
    private readonly PassivatingChildren<long> _collections;

    protected override bool EndChildren()
    {
        foreach (var collection in _collections.Keys) _collections.Stop(collection);
        return _collections.Keys.Count == 0;
    }

    protected override bool OnChildStopped(IActorRef child)
    {
        if (_collections.Remove(child) is not { } waiting) return false;
        foreach (var (message, sender) in waiting)
        {
            if (IsEnding) SendToSuccessor(message, sender);
            else Self.Tell(message, sender);
        }

        return true;
    }

    private PassivatingChildren<long> CreateChildren()
    {
        var context = Context;
        return new PassivatingChildren<long>(context, id => context.ActorOf(CollectionActor.Props(Account, _services), $"collection-{id}"), MaxWaitingForCollection);
    }

    /// <summary>Forwards a request to the actor of its collection; false if the request must be served here.</summary>
    private bool TryRoute(CollectionProtocol.AccountRequest message)
    {
        if (IsEnding)
        {
            SendToSuccessor(message, Sender);
            return true;
        }

        if (_store is null || CollectionScope.Of(message.Request) is not { } path || _store.CollectionAt(path) is not { } collection) return false;
        if (!_collections.TryForward(collection, message, Sender)) Sender.Tell(Unavailable);
        return true;
    }

    /// <summary>Stops the actors of removed collections; they answer their accepted requests first.</summary>
    private void StopRemoved(CollectionRequest.Change change)
    {
        if (change is not (CollectionRequest.Delete or CollectionRequest.Transfer) || _collections.Keys.Count == 0) return;
        foreach (var collection in _collections.Keys)
            if (!Store.HasCollection(collection)) _collections.Stop(collection);
    }
}

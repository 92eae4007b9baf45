using Akka.Actor;

namespace MailServer.Actors.Entities;

/// <summary>A query that a region sends to all its actors that are open on this node.</summary>
internal interface IBroadcastQuery
{
    /// <summary>The actor that queries the <paramref name="open"/> actors and replies to <paramref name="asker"/>.</summary>
    Props Gather(IReadOnlyCollection<IActorRef> open, IActorRef asker);
}

using Akka.Actor;

namespace MailServer.Actors.Entities;

/// <summary>A question that a region puts to all of its actors that are open on this node.</summary>
internal interface IGathersFromAll
{
    /// <summary>The actor that asks the <paramref name="open"/> ones and answers <paramref name="asker"/>.</summary>
    Props Gather(IReadOnlyCollection<IActorRef> open, IActorRef asker);
}

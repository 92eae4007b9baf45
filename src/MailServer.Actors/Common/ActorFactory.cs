using Akka.Actor;

namespace MailServer.Actors.Common;

/// <summary>
/// Creates actors by calling their constructors, without the expression trees and reflection of <c>Props.Create</c>: every connection needs a session
/// actor.
/// </summary>
internal sealed class ActorFactory<TActor>(Func<TActor> create) : IIndirectActorProducer
    where TActor : ActorBase
{
    public Type ActorType => typeof(TActor);

    public ActorBase Produce() => create();

    public void Release(ActorBase actor) { }
}

internal static class ActorFactory
{
    public static Props Props<TActor>(Func<TActor> create)
        where TActor : ActorBase => Akka.Actor.Props.CreateBy(new ActorFactory<TActor>(create));
}

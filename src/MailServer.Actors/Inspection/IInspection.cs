using Akka.Actor;

namespace MailServer.Actors.Inspection;

/// <summary>A request for an actor's description; does not count as use of the actor. One that is not ready answers with <see cref="NothingToInspect"/>.</summary>
internal interface IInspection : INotInfluenceReceiveTimeout;

/// <summary>The answer of an actor that has nothing to describe, for example because its store is not open.</summary>
internal sealed record NothingToInspect
{
    public static NothingToInspect Instance { get; } = new();
}

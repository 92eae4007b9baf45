using Akka.Actor;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Entities;

/// <summary>How an account's actor interacts with the region that hosts it.</summary>
internal sealed record EntityHost
{
    /// <summary>The settings of a node without a cluster.</summary>
    public static EntityHost Local { get; } = new();

    /// <summary>The message with which an idle actor asks its parent to stop it.</summary>
    public object PassivationMessage { get; init; } = Passivate.Instance;

    /// <summary>How long to wait for a store that is still open in another process, where the actor ran before.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>Called for every actor that starts.</summary>
    public Action<AccountId, IActorRef> OnStarted { get; init; } = static (_, _) => { };

    /// <summary>The name of the node; null without a cluster.</summary>
    public string? Node { get; init; }

    /// <summary>The entry to the region of a cluster, which sends requests again until a successor has them; null without a cluster.</summary>
    public IActorRef? Entry { get; init; }
}

/// <summary>Stops the actor after it has finished all accepted requests; sent before an actor moves to another node.</summary>
internal sealed record StopEntity
{
    public static StopEntity Instance { get; } = new();
}

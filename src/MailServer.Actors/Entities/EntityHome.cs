using Akka.Actor;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Entities;

/// <summary>What an account's actor needs to know of where it lives.</summary>
internal sealed record EntityHome
{
    /// <summary>A node without a cluster.</summary>
    public static EntityHome Local { get; } = new();

    /// <summary>What an idle actor tells its parent.</summary>
    public object Passivation { get; init; } = Passivate.Instance;

    /// <summary>How long it waits for a store that another process has open: the one whose actor was here before.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.Zero;

    /// <summary>Told of every actor that begins.</summary>
    public Action<AccountId, IActorRef> Opened { get; init; } = static (_, _) => { };

    /// <summary>The name of the node; null without a cluster.</summary>
    public string? Node { get; init; }
}

/// <summary>End in order: what was accepted before is finished before. For actors that move to another node.</summary>
internal sealed record StopEntity
{
    public static StopEntity Instance { get; } = new();
}

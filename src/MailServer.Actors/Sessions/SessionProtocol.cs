using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Network.Listeners;

namespace MailServer.Actors.Sessions;

/// <summary>What is said between connections, session actors and the registry of a node.</summary>
public static class SessionProtocol
{
    /// <summary>A client connected: <see cref="SessionRegistryActor"/> makes its session actor. <paramref name="Ended"/> completes when that has stopped.</summary>
    public sealed record Start(Connection Connection, TaskCompletionSource Ended) : INoSerializationVerificationNeeded;

    /// <summary>The session now acts for this account.</summary>
    public sealed record SignedIn(AccountId Account);

    /// <summary>Some seconds have passed: time to look at time-outs. One ticker a node instead of timers in every idle session.</summary>
    public sealed record Tick : INotInfluenceReceiveTimeout
    {
        public static Tick Instance { get; } = new();
    }

    /// <summary>Say goodbye and end.</summary>
    public sealed record End(string Reason);

    /// <summary>End all sessions and take no new ones; answered by <see cref="Drained"/> when the last is gone.</summary>
    public sealed record Drain(string Reason);

    public sealed record Drained;
}

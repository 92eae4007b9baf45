using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Network.Listeners;

namespace MailServer.Actors.Sessions;

/// <summary>What is said between connections, session actors and the registry of a node.</summary>
public static class SessionProtocol
{
    /// <summary>A client connected: <see cref="SessionRegistryActor"/> makes its session actor. <paramref name="Ended"/> completes when that has stopped.</summary>
    public sealed record Start(Connection Connection, TaskCompletionSource Ended) : INoSerializationVerificationNeeded;

    /// <summary>The session now acts for this account, which it proved with that credential.</summary>
    public sealed record SignedIn(AccountId Account, CredentialStamp? Stamp);

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

    /// <summary>The open sessions, of one account or of all. Answered with <see cref="Listed"/>.</summary>
    public sealed record List(AccountId? Account);

    /// <summary>In the order in which they began; one that ends or hangs while it is asked is left out.</summary>
    public sealed record Listed(IReadOnlyList<SessionDescription> Sessions) : INoSerializationVerificationNeeded;

    /// <summary>How many sessions there are. Answered with <see cref="Counted"/>.</summary>
    public sealed record Count;

    public sealed record Counted(IReadOnlyDictionary<string, int> Sessions);

    /// <summary>Tell about yourself: answered with a <see cref="SessionDescription"/>.</summary>
    internal sealed record Describe
    {
        public static Describe Instance { get; } = new();
    }

    /// <summary>End the session with this id. Answered with <see cref="Found"/>.</summary>
    public sealed record Kick(string Id);

    /// <summary>Tell <paramref name="Watcher"/> each line of this session from now on, until either of them stops. Answered with <see cref="Found"/>.</summary>
    public sealed record Tail(string Id, IActorRef Watcher);

    /// <summary>Whether there is such a session, which is <paramref name="Session"/>.</summary>
    public sealed record Found(IActorRef Session);

    /// <summary>A line of a conversation that is watched.</summary>
    public sealed record Line(DateTimeOffset At, bool FromClient, string Text);
}

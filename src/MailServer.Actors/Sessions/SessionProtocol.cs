using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Network.Listeners;

namespace MailServer.Actors.Sessions;

/// <summary>Messages between connections, session actors and a node's session registry.</summary>
public static class SessionProtocol
{
    /// <summary>
    /// A client connected: <see cref="SessionRegistryActor"/> creates its session actor. <paramref name="Ended"/> completes when the actor has stopped.
    /// </summary>
    public sealed record Start(Connection Connection, TaskCompletionSource Ended) : INoSerializationVerificationNeeded;

    /// <summary>The session has signed in to this account with this credential; without an account, it has signed out (UNAUTHENTICATE).</summary>
    public sealed record SignedIn(AccountId? Account, CredentialFingerprint? Stamp);

    /// <summary>Sent every few seconds to check time-outs: one ticker per node instead of timers in every idle session.</summary>
    public sealed record Tick : INotInfluenceReceiveTimeout
    {
        public static Tick Instance { get; } = new();
    }

    /// <summary>The sending session needs no tick for this long; zero resumes the ticks. A thousand clients in IDLE would otherwise cost hundreds of messages a second.</summary>
    internal sealed record PauseTicks(TimeSpan For);

    /// <summary>Sends the closing message and ends the session.</summary>
    public sealed record End(string Reason);

    /// <summary>Ends all sessions and refuses new ones. Answered with <see cref="Drained"/> when the last has ended.</summary>
    public sealed record Drain(string Reason);

    public sealed record Drained;

    /// <summary>Lists the open sessions, of one account or all. Answered with <see cref="Listed"/>.</summary>
    public sealed record List(AccountId? Account);

    /// <summary>Ordered by start time; a session that ends or hangs during the request is left out.</summary>
    public sealed record Listed(IReadOnlyList<SessionDescription> Sessions) : INoSerializationVerificationNeeded;

    /// <summary>Counts the sessions. Answered with <see cref="Counted"/>.</summary>
    public sealed record Count;

    public sealed record Counted(IReadOnlyDictionary<string, int> Sessions);

    /// <summary>Requests a <see cref="SessionDescription"/>.</summary>
    internal sealed record Describe
    {
        public static Describe Instance { get; } = new();
    }

    /// <summary>Ends the session with this id. Answered with <see cref="SessionFound"/>.</summary>
    public sealed record Kick(string Id);

    /// <summary>Sends each line of this session to <paramref name="Watcher"/> from now on, until either of them stops. Answered with <see cref="SessionFound"/>.</summary>
    public sealed record Tail(string Id, IActorRef Watcher);

    /// <summary>The session, or nobody if there is none with this id.</summary>
    public sealed record SessionFound(IActorRef Session);

    /// <summary>A line of a watched conversation.</summary>
    public sealed record TailLine(DateTimeOffset At, bool FromClient, string Text);
}

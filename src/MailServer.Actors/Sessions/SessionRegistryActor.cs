using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Actors.Common;
using MailServer.Actors.Inspection;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Network.Listeners;

namespace MailServer.Actors.Sessions;

/// <summary>
/// The sessions of this node: creates a session actor for each connection, sends ticks to all, and ends them when their account is removed or the node
/// stops. A session that fails is stopped together with its connection; others are not affected.
/// </summary>
public sealed class SessionRegistryActor : UntypedActor, IWithTimers
{
    private const long NeverSeen = -1;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(5);

    private const int EndedInSecond = 200;
    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestSpread = TimeSpan.FromSeconds(5);

    private readonly SessionServices _services;
    private readonly Dictionary<IActorRef, Session> _sessions = [];
    private IActorRef? _drainer;
    private long _directoryVersion = NeverSeen;
    private long _lookedAt;

    internal SessionRegistryActor(SessionServices services) => _services = services;

    public ITimerScheduler Timers { get; set; } = null!;

    internal static Props Props(SessionServices services) => ActorFactory.Props(() => new SessionRegistryActor(services));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(SessionProtocol.Tick), SessionProtocol.Tick.Instance, TickInterval);
        Context.System.EventStream.Subscribe(Self, typeof(NodeLost));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SessionProtocol.Start start:
                Start(start);
                break;
            case SessionProtocol.SignedIn signedIn:
                if (_sessions.TryGetValue(Sender, out var session)) (session.Account, session.Stamp) = (signedIn.Account, signedIn.Stamp);
                break;
            case SessionProtocol.Tick:
                Tick();
                break;
            case SessionProtocol.PauseTicks pause:
                if (_sessions.TryGetValue(Sender, out var paused)) (paused.Pause, paused.PausedAt) = (pause.For, _services.Time.GetTimestamp());
                break;
            case NodeLost:
                foreach (var each in _sessions.Keys) each.Tell(message);
                break;
            case AccountLoaded looked:
                EndSessionsOf(looked);
                break;
            case DirectoryTick:
                _directoryVersion = NeverSeen;
                break;
            case EndSession one:
                one.Session.Tell(one.End);
                break;
            case SessionProtocol.Drain drain:
                Drain(drain);
                break;
            case SessionProtocol.List list:
                List(list);
                break;
            case SessionProtocol.Count:
                Sender.Tell(new SessionProtocol.Counted(_sessions.Values.GroupBy(static s => s.Kind.Name).ToDictionary(static g => g.Key, static g => g.Count())));
                break;
            case SessionProtocol.Kick kick:
                Sender.Tell(Pass(kick.Id, new SessionProtocol.End("ended by the administrator")));
                break;
            case SessionProtocol.Tail tail:
                Sender.Tell(Pass(tail.Id, tail));
                break;
            case Terminated terminated:
                Forget(terminated.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Tick()
    {
        foreach (var (actor, session) in _sessions)
            if (_services.Time.GetElapsedTime(session.PausedAt) >= session.Pause) actor.Tell(SessionProtocol.Tick.Instance);
        LookAtDirectory();
    }

    /// <summary>For any end, including a failure to create the actor: the listener waits for this to close the connection.</summary>
    private void Forget(IActorRef session)
    {
        if (_sessions.Remove(session, out var ended)) ended.Ended.TrySetResult();
        AnswerDrained();
    }

    private void Start(SessionProtocol.Start start)
    {
        if (_drainer is not null)
        {
            start.Connection.Abort();
            start.Ended.TrySetResult();
            return;
        }

        var services = _services;
        var props = start.Connection.Kind is ListenerKind.Imap or ListenerKind.Imaps
            ? ActorFactory.Props(() => new ImapSessionActor(start, services))
            : ActorFactory.Props(() => new SmtpSessionActor(start, services));
        _sessions.Add(Context.Watch(Context.ActorOf(props, start.Connection.Id)), new Session(start.Ended, start.Connection.Kind));
    }

    /// <summary>Ends sessions whose account was disabled or removed, or whose password was changed or revoked.</summary>
    private void LookAtDirectory()
    {
        long version;
        try
        {
            version = _services.Directory.Version;
        }
        catch (Exception e) when (e is IOException or System.Data.Common.DbException or DirectoryException)
        {
            // Retried at the next tick.
            return;
        }

        // App passwords expire without a change of the directory.
        if (version == _directoryVersion && _services.Time.GetElapsedTime(_lookedAt) < ExpiryInterval) return;
        (_directoryVersion, _lookedAt) = (version, _services.Time.GetTimestamp());
        foreach (var account in _sessions.Values.Select(s => s.Account).OfType<AccountId>().Distinct())
            LookAsync(_services.Directory, account).PipeTo(Self, failure: _ => DirectoryTick.Instance);
    }

    private static async Task<AccountLoaded> LookAsync(IDirectory directory, AccountId id)
    {
        if (await directory.FindAccountAsync(id, CancellationToken.None) is not { } account) return new AccountLoaded(id, IsRemoved: true, null);
        var login = await directory.FindLoginAsync(account.Address, CancellationToken.None);
        return new AccountLoaded(id, IsRemoved: false, login?.Account.Id == id ? login : null);
    }

    private void EndSessionsOf(AccountLoaded account)
    {
        var isGone = account.Login is not { Account.Enabled: true };
        foreach (var (actor, session) in _sessions.Where(s => s.Value.Account == account.Id))
        {
            if (isGone) actor.Tell(new SessionProtocol.End("the account is disabled"));
            else if (session.Stamp is { } stamp && !account.Login!.Accepts(stamp, _services.Time.GetUtcNow())) actor.Tell(new SessionProtocol.End("the password was changed or revoked, or has expired"));
        }

        if (account.IsRemoved) _services.Mailboxes.Tell(new MailboxProtocol.Close(account.Id));
    }

    private void List(SessionProtocol.List list)
    {
        IActorRef[] sessions = [.. _sessions.Where(s => list.Account is null || s.Value.Account == list.Account).Select(static s => s.Key)];
        Context.ActorOf(GatherActor<SessionDescription>.Props(
            sessions, SessionProtocol.Describe.Instance, Sender, static found => new SessionProtocol.Listed([.. found.OrderBy(static s => s.Id, StringComparer.Ordinal)])));
    }

    private SessionProtocol.SessionFound Pass(string id, object message)
    {
        var session = Context.Child(id);
        if (!_sessions.ContainsKey(session)) return new SessionProtocol.SessionFound(ActorRefs.Nobody);
        session.Tell(message);
        return new SessionProtocol.SessionFound(session);
    }

    private void Drain(SessionProtocol.Drain drain)
    {
        _drainer = Sender;
        // Not all at once, because clients reconnect to the other node immediately.
        var end = new SessionProtocol.End(drain.Reason);
        var spread = TimeSpan.FromSeconds(Math.Min(LongestSpread.TotalSeconds, _sessions.Count / (double)EndedInSecond));
        var ended = 0;
        foreach (var session in _sessions.Keys) Timers.StartSingleTimer(session, new EndSession(session, end), spread * (ended++ / (double)_sessions.Count));
        AnswerDrained();
    }

    private void AnswerDrained()
    {
        if (_drainer is not null && _sessions.Count == 0) _drainer.Tell(new SessionProtocol.Drained());
    }

    private sealed class Session(TaskCompletionSource ended, ListenerKind kind)
    {
        public ListenerKind Kind => kind;

        public TaskCompletionSource Ended => ended;

        public AccountId? Account { get; set; }

        public CredentialFingerprint? Stamp { get; set; }

        /// <summary>No tick is sent for this long after <see cref="PausedAt"/>.</summary>
        public TimeSpan Pause { get; set; }

        public long PausedAt { get; set; }
    }

    private sealed record EndSession(IActorRef Session, SessionProtocol.End End);

    /// <summary>The current state of an account; <paramref name="Login"/> is null when it cannot sign in.</summary>
    private sealed record AccountLoaded(AccountId Id, bool IsRemoved, AccountCredentials? Login) : INoSerializationVerificationNeeded;

    private sealed record DirectoryTick
    {
        public static DirectoryTick Instance { get; } = new();
    }
}

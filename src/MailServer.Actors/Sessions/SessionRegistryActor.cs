using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Network.Listeners;

namespace MailServer.Actors.Sessions;

/// <summary>
/// Who is connected to this node: makes a session actor for each connection, tells all of them the time, and ends them when their account
/// goes or the node stops. A session that fails is stopped, its connection with it; nobody else notices.
/// </summary>
internal sealed class SessionRegistryActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(5);

    private readonly SessionServices _services;
    private readonly Dictionary<IActorRef, AccountId?> _sessions = [];
    private IActorRef? _drainer;

    public SessionRegistryActor(SessionServices services) => _services = services;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(SessionServices services) => Akka.Actor.Props.Create(() => new SessionRegistryActor(services));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart() =>
        Timers.StartPeriodicTimer(nameof(SessionProtocol.Tick), SessionProtocol.Tick.Instance, TickInterval);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SessionProtocol.Start start:
                Start(start);
                break;
            case SessionProtocol.SignedIn signedIn:
                if (_sessions.ContainsKey(Sender)) _sessions[Sender] = signedIn.Account;
                break;
            case SessionProtocol.Tick:
                foreach (var session in _sessions.Keys) session.Tell(message);
                break;
            case SessionProtocol.EndAccount end:
                foreach (var (session, account) in _sessions)
                    if (account == end.Account) session.Tell(new SessionProtocol.End(end.Reason));
                break;
            case SessionProtocol.Drain drain:
                Drain(drain);
                break;
            case Terminated terminated:
                _sessions.Remove(terminated.ActorRef);
                AnswerDrained();
                break;
            default:
                Unhandled(message);
                break;
        }
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
            ? Akka.Actor.Props.Create(() => new ImapSessionActor(start, services))
            : Akka.Actor.Props.Create(() => new SmtpSessionActor(start, services));
        _sessions.Add(Context.Watch(Context.ActorOf(props, start.Connection.Id)), null);
    }

    private void Drain(SessionProtocol.Drain drain)
    {
        _drainer = Sender;
        foreach (var session in _sessions.Keys) session.Tell(new SessionProtocol.End(drain.Reason));
        AnswerDrained();
    }

    private void AnswerDrained()
    {
        if (_drainer is not null && _sessions.Count == 0) _drainer.Tell(new SessionProtocol.Drained());
    }
}

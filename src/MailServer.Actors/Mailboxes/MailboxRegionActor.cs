using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// The parent of all mailboxes of a node without a cluster: one child an account, made at its first message, stopped when idle.
/// While a child stops, its messages wait, so that two actors never have one mailbox open.
/// </summary>
internal sealed class MailboxRegionActor(MailboxServices services) : UntypedActor
{
    private const int MaxWaiting = 10_000;

    private readonly Dictionary<AccountId, IActorRef> _mailboxes = [];
    private readonly Dictionary<IActorRef, Stopping> _stopping = [];

    public static Props Props(MailboxServices services) => ActorFactory.Props(() => new MailboxRegionActor(services));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case MailboxProtocol.IWithAccount request:
                Route(request, Sender);
                break;
            case MailboxProtocol.Passivate:
                Stop(Sender);
                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Route(MailboxProtocol.IWithAccount request, IActorRef sender)
    {
        if (!_mailboxes.TryGetValue(request.Account, out var mailbox))
        {
            if (request is MailboxProtocol.Close) return;
            mailbox = Context.Watch(Context.ActorOf(MailboxActor.Props(request.Account, services), $"account-{request.Account}"));
            _mailboxes.Add(request.Account, mailbox);
        }

        if (!_stopping.TryGetValue(mailbox, out var stopping))
        {
            if (request is MailboxProtocol.Close) Stop(mailbox);
            else mailbox.Tell(request, sender);
        }
        else if (stopping.Waiting.Count < MaxWaiting)
        {
            stopping.Waiting.Enqueue((request, sender));
        }
        else
        {
            sender.Tell(new MailboxReply.Refused(MailboxRefusal.Unavailable));
        }
    }

    private void Stop(IActorRef mailbox)
    {
        if (_stopping.TryAdd(mailbox, new Stopping([]))) Context.Stop(mailbox);
    }

    private void OnTerminated(IActorRef mailbox)
    {
        var account = _mailboxes.First(m => m.Value.Equals(mailbox)).Key;
        _mailboxes.Remove(account);
        if (!_stopping.Remove(mailbox, out var stopping)) return;
        while (stopping.Waiting.TryDequeue(out var waiting)) Route(waiting.Request, waiting.Sender);
    }

    private sealed record Stopping(Queue<(MailboxProtocol.IWithAccount Request, IActorRef Sender)> Waiting);
}

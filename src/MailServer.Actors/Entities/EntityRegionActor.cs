using Akka.Actor;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Entities;

/// <summary>
/// The parent of all mailboxes, or of all collections, of a node without a cluster: one child an account, made at its first message, stopped when
/// idle. While a child stops, its messages wait, so that two actors never have one store open.
/// </summary>
/// <param name="child">Makes an account's actor.</param>
/// <param name="unavailable">What a sender hears when too many wait already.</param>
internal sealed class EntityRegionActor(Func<AccountId, Props> child, object unavailable) : UntypedActor
{
    private const int MaxWaiting = 10_000;

    private readonly Dictionary<AccountId, IActorRef> _children = [];
    private readonly Dictionary<IActorRef, Queue<(IForAccount Message, IActorRef Sender)>> _stopping = [];

    public static Props Props(Func<AccountId, Props> child, object unavailable) => ActorFactory.Props(() => new EntityRegionActor(child, unavailable));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case MailboxProtocol.List:
                Context.ActorOf(MailboxQuestion.Gather([.. _children.Values], Sender));
                break;
            case IForAccount request:
                Route(request, Sender);
                break;
            case Passivate:
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

    private void Route(IForAccount message, IActorRef sender)
    {
        if (!_children.TryGetValue(message.Account, out var actor))
        {
            if (message is IClosesAccount) return;
            actor = Context.Watch(Context.ActorOf(child(message.Account), $"account-{message.Account}"));
            _children.Add(message.Account, actor);
        }

        if (!_stopping.TryGetValue(actor, out var waiting))
        {
            if (message is IClosesAccount) Stop(actor);
            else actor.Tell(message, sender);
        }
        else if (waiting.Count < MaxWaiting)
        {
            waiting.Enqueue((message, sender));
        }
        else
        {
            sender.Tell(unavailable);
        }
    }

    private void Stop(IActorRef actor)
    {
        if (_stopping.TryAdd(actor, [])) Context.Stop(actor);
    }

    private void OnTerminated(IActorRef actor)
    {
        _children.Remove(_children.First(c => c.Value.Equals(actor)).Key);
        if (!_stopping.Remove(actor, out var waiting)) return;
        while (waiting.TryDequeue(out var next)) Route(next.Message, next.Sender);
    }
}

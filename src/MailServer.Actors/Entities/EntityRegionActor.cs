using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Entities;

/// <summary>
/// The parent of all mailbox actors, or of all collections actors, on a node without a cluster. It creates one child per account at the first message and
/// stops it when idle. A child is stopped by a message, so earlier messages are answered first; later messages wait for the next child. Two actors
/// therefore never have the same store open.
/// </summary>
internal sealed class EntityRegionActor : UntypedActor
{
    /// <summary>Maximum number of messages that wait for one account whose actor is stopping; more are refused.</summary>
    public const int MaxWaiting = 10_000;

    private readonly Func<AccountId, Props> _child;
    private readonly Func<IForAccount, object?> _refusal;
    private readonly Dictionary<AccountId, IActorRef> _children = [];
    private readonly Dictionary<IActorRef, AccountId> _accounts = [];
    private readonly Dictionary<IActorRef, Queue<(IForAccount Message, IActorRef Sender)>> _stopping = [];

    /// <param name="child">Creates an account's actor.</param>
    /// <param name="refusal">The answer that refuses a request temporarily; null when the message expects no answer.</param>
    public EntityRegionActor(Func<AccountId, Props> child, Func<IForAccount, object?> refusal) => (_child, _refusal) = (child, refusal);

    public static Props Props(Func<AccountId, Props> child, Func<IForAccount, object?> refusal) => ActorFactory.Props(() => new EntityRegionActor(child, refusal));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IBroadcastQuery question:
                Context.ActorOf(question.Gather([.. _children.Values], Sender));
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
            actor = Begin(message.Account);
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
        else if (_refusal(message) is { } refusal)
        {
            sender.Tell(refusal);
        }
    }

    private IActorRef Begin(AccountId account)
    {
        var actor = Context.Watch(Context.ActorOf(_child(account), $"account-{account}"));
        _children.Add(account, actor);
        _accounts.Add(actor, account);
        return actor;
    }

    private void Stop(IActorRef actor)
    {
        if (_accounts.ContainsKey(actor) && _stopping.TryAdd(actor, [])) actor.Tell(StopEntity.Instance);
    }

    private void OnTerminated(IActorRef actor)
    {
        if (_accounts.Remove(actor, out var account)) _children.Remove(account);
        if (!_stopping.Remove(actor, out var waiting)) return;
        while (waiting.TryDequeue(out var next)) Route(next.Message, next.Sender);
    }
}

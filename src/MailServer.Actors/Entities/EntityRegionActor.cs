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

    private readonly Func<IForAccount, object?> _refusal;
    private readonly PassivatingChildren<AccountId> _children;

    /// <param name="child">Creates an account's actor.</param>
    /// <param name="refusal">The answer that refuses a request temporarily; null when the message expects no answer.</param>
    public EntityRegionActor(Func<AccountId, Props> child, Func<IForAccount, object?> refusal)
    {
        var context = Context;
        _refusal = refusal;
        _children = new PassivatingChildren<AccountId>(context, account => context.ActorOf(child(account), $"account-{account}"), MaxWaiting);
    }

    public static Props Props(Func<AccountId, Props> child, Func<IForAccount, object?> refusal) => ActorFactory.Props(() => new EntityRegionActor(child, refusal));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IBroadcastQuery question:
                Context.ActorOf(question.Gather([.. _children.Actors], Sender));
                break;
            case IForAccount request:
                Route(request, Sender);
                break;
            case Passivate:
                _children.Stop(Sender);
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
        if (message is IClosesAccount && !_children.IsStopping(message.Account)) _children.Stop(message.Account);
        else if (!_children.TryForward(message.Account, message, sender) && _refusal(message) is { } refusal) sender.Tell(refusal);
    }

    private void OnTerminated(IActorRef actor)
    {
        foreach (var (message, sender) in _children.Remove(actor) ?? []) Route((IForAccount)message, sender);
    }
}

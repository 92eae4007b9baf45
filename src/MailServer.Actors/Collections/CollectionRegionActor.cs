using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// The parent of all collections of a node without a cluster: one child an account, made at its first message, stopped when idle.
/// While a child stops, its messages wait, so that two actors never have one <c>dav.db</c> open.
/// </summary>
internal sealed class CollectionRegionActor(CollectionServices services) : UntypedActor
{
    private const int MaxWaiting = 10_000;

    private readonly Dictionary<AccountId, IActorRef> _collections = [];
    private readonly Dictionary<IActorRef, Stopping> _stopping = [];

    public static Props Props(CollectionServices services) => ActorFactory.Props(() => new CollectionRegionActor(services));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CollectionProtocol.IWithAccount request:
                Route(request, Sender);
                break;
            case CollectionProtocol.Passivate:
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

    private void Route(CollectionProtocol.IWithAccount request, IActorRef sender)
    {
        if (!_collections.TryGetValue(request.Account, out var collections))
        {
            if (request is CollectionProtocol.Close) return;
            collections = Context.Watch(Context.ActorOf(CollectionsActor.Props(request.Account, services), $"account-{request.Account}"));
            _collections.Add(request.Account, collections);
        }

        if (!_stopping.TryGetValue(collections, out var stopping))
        {
            if (request is CollectionProtocol.Close) Stop(collections);
            else collections.Tell(request, sender);
        }
        else if (stopping.Waiting.Count < MaxWaiting)
        {
            stopping.Waiting.Enqueue((request, sender));
        }
        else
        {
            sender.Tell(new CollectionReply.Refused(CollectionRefusal.Unavailable));
        }
    }

    private void Stop(IActorRef collections)
    {
        if (_stopping.TryAdd(collections, new Stopping([]))) Context.Stop(collections);
    }

    private void OnTerminated(IActorRef collections)
    {
        var account = _collections.First(c => c.Value.Equals(collections)).Key;
        _collections.Remove(account);
        if (!_stopping.Remove(collections, out var stopping)) return;
        while (stopping.Waiting.TryDequeue(out var waiting)) Route(waiting.Request, waiting.Sender);
    }

    private sealed record Stopping(Queue<(CollectionProtocol.IWithAccount Request, IActorRef Sender)> Waiting);
}

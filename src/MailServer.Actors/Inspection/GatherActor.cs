using Akka.Actor;
using MailServer.Actors.Common;

namespace MailServer.Actors.Inspection;

/// <summary>Sends one request to many actors, returns the answers received in time to the requester, and stops.</summary>
internal sealed class GatherActor<T>(IReadOnlyCollection<IActorRef> targets, object question, IActorRef asker, Func<IReadOnlyList<T>, object> conclude) : UntypedActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly List<T> _answers = [];
    private int _silent;

    public static Props Props(IReadOnlyCollection<IActorRef> targets, object question, IActorRef asker, Func<IReadOnlyList<T>, object> conclude) =>
        ActorFactory.Props(() => new GatherActor<T>(targets, question, asker, conclude));

    protected override void PreStart()
    {
        Context.SetReceiveTimeout(Patience);
        foreach (var target in targets) target.Tell(question);
        ConcludeWhenComplete();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case T answer:
                _answers.Add(answer);
                ConcludeWhenComplete();
                break;
            case NothingToInspect:
                _silent++;
                ConcludeWhenComplete();
                break;
            case ReceiveTimeout:
                // Targets that have stopped or hang are left out.
                Conclude();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void ConcludeWhenComplete()
    {
        if (_answers.Count + _silent == targets.Count) Conclude();
    }

    private void Conclude()
    {
        asker.Tell(conclude(_answers));
        Context.Stop(Self);
    }
}

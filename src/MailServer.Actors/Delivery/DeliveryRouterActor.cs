using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Submission;

namespace MailServer.Actors.Delivery;

/// <summary>
/// The entry point for all messages of a node: SMTP, submission and APPEND. Each message goes to one of its workers, whose blocking disk writes run on
/// dedicated threads, so that flushes overlap.
/// </summary>
internal sealed class DeliveryRouterActor(DeliveryServices services) : UntypedActor
{
    private const int Workers = 16;

    private readonly IActorRef[] _workers = new IActorRef[Workers];
    private int _next;

    public static Props Props(DeliveryServices services) => ActorFactory.Props(() => new DeliveryRouterActor(services));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(10, TimeSpan.FromMinutes(1), _ => Directive.Restart);

    protected override void PreStart()
    {
        var worker = ActorFactory.Props(() => new DeliveryWorkerActor(services)).WithDispatcher("storage-dispatcher");
        for (var i = 0; i < Workers; i++) _workers[i] = Context.ActorOf(worker, $"worker-{i}");
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DeliveryProtocol.Accept or DeliveryProtocol.Spool:
                _workers[(_next = (_next + 1) % Workers)].Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}

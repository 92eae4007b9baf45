using Akka.Actor;
using MailServer.Actors.Collections;
using MailServer.Actors.Common;
using MailServer.Storage.Collections;

namespace MailServer.Actors.Scheduling;

/// <summary>Lives for one moment at the start of a node: wakes the calendars of those whose messages were not sent before it stopped.</summary>
internal sealed class PendingSchedulingActor(string maildirDirectory, IActorRef collections) : UntypedActor
{
    public static Props Props(string maildirDirectory, IActorRef collections) =>
        ActorFactory.Props(() => new PendingSchedulingActor(maildirDirectory, collections)).WithDispatcher("storage-dispatcher");

    protected override void PreStart()
    {
        foreach (var account in PendingMark.Find(maildirDirectory)) collections.Tell(new CollectionProtocol.Wake(account));
        Context.Stop(Self);
    }

    protected override void OnReceive(object message) => Unhandled(message);
}

using Akka.Actor;
using MailServer.Actors.Collections;
using MailServer.Actors.Common;
using MailServer.Storage.Collections;

namespace MailServer.Actors.Scheduling;

/// <summary>Runs once when a node starts: resumes the scheduling messages that were pending when the server stopped.</summary>
internal sealed class PendingSchedulingActor(string maildirDirectory, IActorRef collections) : UntypedActor
{
    public static Props Props(string maildirDirectory, IActorRef collections) =>
        ActorFactory.Props(() => new PendingSchedulingActor(maildirDirectory, collections)).WithDispatcher("storage-dispatcher");

    protected override void PreStart()
    {
        foreach (var account in PendingSchedulingMarker.Find(maildirDirectory)) collections.Tell(new CollectionProtocol.ResumeScheduling(account));
        Context.Stop(Self);
    }

    protected override void OnReceive(object message) => Unhandled(message);
}

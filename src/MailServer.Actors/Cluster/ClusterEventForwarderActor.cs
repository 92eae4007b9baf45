using System.Threading.Channels;
using Akka.Actor;

namespace MailServer.Actors.Cluster;

/// <summary>Forwards cluster events to a channel that is read outside the actor system.</summary>
internal sealed class ClusterEventForwarderActor(ChannelWriter<ClusterEventDescription> events) : UntypedActor
{
    protected override void PreStart() => Context.ActorSelection(ClusterMonitorActor.Path).Tell(new ClusterProtocol.FollowEvents(Self));

    protected override void PostStop() => events.TryComplete();

    protected override void OnReceive(object message)
    {
        if (message is ClusterProtocol.EventRecorded happened) events.TryWrite(happened.Event);
        else Unhandled(message);
    }
}

using System.Threading.Channels;
using Akka.Actor;

namespace MailServer.Actors.Sessions;

/// <summary>Forwards the lines of one session to a channel that is read outside the actor system; stops when either ends.</summary>
internal sealed class TailForwarderActor(ChannelWriter<SessionProtocol.TailLine> lines) : UntypedActor
{
    protected override void PostStop() => lines.TryComplete();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SessionProtocol.TailLine line:
                lines.TryWrite(line);
                break;
            case SessionProtocol.SessionFound { Session: var session }:
                if (session.IsNobody()) Context.Stop(Self);
                else Context.Watch(session);
                break;
            case Terminated:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}

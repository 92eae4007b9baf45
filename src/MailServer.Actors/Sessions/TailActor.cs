using System.Threading.Channels;
using Akka.Actor;

namespace MailServer.Actors.Sessions;

/// <summary>Watches one session for somebody outside of the actors; gone with either of them.</summary>
internal sealed class TailActor(ChannelWriter<SessionProtocol.Line> lines) : UntypedActor
{
    protected override void PostStop() => lines.TryComplete();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SessionProtocol.Line line:
                lines.TryWrite(line);
                break;
            case SessionProtocol.Found { Session: var session }:
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

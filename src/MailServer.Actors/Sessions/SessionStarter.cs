using Akka.Actor;
using MailServer.Network.Listeners;

namespace MailServer.Actors.Sessions;

/// <summary>Passes connections from the listeners to the session registry.</summary>
public sealed class SessionStarter(Func<IActorRef> registry) : IConnectionHandler
{
    /// <inheritdoc />
    public Task HandleAsync(Connection connection)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        registry().Tell(new SessionProtocol.Start(connection, ended));
        return ended.Task;
    }
}

namespace MailServer.Network.Listeners;

/// <summary>Runs the session of a connection.</summary>
public interface IConnectionHandler
{
    /// <summary>Completes when the session has ended and no longer uses the connection, which is then closed if it is still open.</summary>
    Task HandleAsync(Connection connection);
}

namespace MailServer.Network.Listeners;

/// <summary>Holds the session of a connection. Implemented where sessions live.</summary>
public interface IConnectionHandler
{
    /// <summary>Completes when the session has ended and nobody reads or writes the connection any more; it is then closed if it is not yet.</summary>
    Task HandleAsync(Connection connection);
}

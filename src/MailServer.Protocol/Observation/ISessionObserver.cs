namespace MailServer.Protocol.Observation;

/// <summary>
/// Receives events of a protocol session, for session lists, latency measurements, and administrators who watch a session. The session removes
/// credentials and message content from all reported text.
/// </summary>
public interface ISessionObserver
{
    /// <summary>Whether an administrator watches the session, so that <see cref="LineReceived"/> must be called.</summary>
    bool IsWatched { get; }

    void CommandBegan(string name);

    void CommandEnded(string name);

    /// <summary>Reports one line from the client in redacted form.</summary>
    void LineReceived(string line);

    /// <summary>Reports the client's program name.</summary>
    void ClientIdentified(string name);
}

/// <summary>Ignores all events.</summary>
internal sealed class NullSessionObserver : ISessionObserver
{
    public static NullSessionObserver Instance { get; } = new();

    public bool IsWatched => false;

    public void CommandBegan(string name) { }

    public void CommandEnded(string name) { }

    public void LineReceived(string line) { }

    public void ClientIdentified(string name) { }
}

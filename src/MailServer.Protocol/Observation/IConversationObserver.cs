namespace MailServer.Protocol.Observation;

/// <summary>
/// What a protocol session tells its driver about the conversation, beside its effects: for lists of sessions, latencies, and the administrator
/// who watches. Nothing that is told contains a credential or a part of a message: the session leaves them out, so that they never leave it.
/// </summary>
public interface IConversationObserver
{
    /// <summary>Somebody watches: <see cref="Heard"/> is wanted.</summary>
    bool IsWatched { get; }

    void CommandBegan(string name);

    void CommandEnded(string name);

    /// <summary>One line of what the client said, fit to be shown.</summary>
    void Heard(string line);

    /// <summary>The client said which program it is.</summary>
    void ClientNamed(string name);
}

/// <summary>Nobody is interested.</summary>
internal sealed class NoObserver : IConversationObserver
{
    public static NoObserver Instance { get; } = new();

    public bool IsWatched => false;

    public void CommandBegan(string name) { }

    public void CommandEnded(string name) { }

    public void Heard(string line) { }

    public void ClientNamed(string name) { }
}

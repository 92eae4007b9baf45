namespace MailServer.Domain.Accounts;

/// <summary>Persistent storage of the sessions of the web page, so that they survive a restart.</summary>
public interface IPageSessionStore
{
    IReadOnlyList<StoredPageSession> LoadSessions();

    /// <summary>Adds or replaces a session. A power cut in the next seconds may undo it.</summary>
    void SaveSession(StoredPageSession session);

    /// <summary>Removes sessions by their digests. It is durable when the call returns: a session that has ended must not come back.</summary>
    void RemoveSessions(IReadOnlyCollection<string> digests);
}

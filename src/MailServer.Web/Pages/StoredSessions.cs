using MailServer.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Pages;

/// <summary>Stores sessions. If the storage fails, the sessions work until the server restarts, and the failure is logged.</summary>
public sealed partial class StoredSessions(IPageSessionStore store, ILogger log)
{
    public IReadOnlyList<StoredPageSession> Load()
    {
        try
        {
            return store.LoadSessions();
        }
        catch (DirectoryException e)
        {
            LogFailed(log, e);
            return [];
        }
    }

    public void Save(StoredPageSession session) => Try(() => store.SaveSession(session));

    public void Remove(IReadOnlyCollection<string> digests) => Try(() => store.RemoveSessions(digests));

    private void Try(Action change)
    {
        try
        {
            change();
        }
        catch (DirectoryException e)
        {
            LogFailed(log, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sessions of the web page could not be stored")]
    private static partial void LogFailed(ILogger logger, Exception e);
}

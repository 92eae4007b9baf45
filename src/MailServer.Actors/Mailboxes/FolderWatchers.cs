using Akka.Actor;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>The sessions that have a folder of the mailbox selected; each session has at most one.</summary>
internal sealed class FolderWatchers
{
    private readonly Dictionary<IActorRef, (FolderId Folder, bool ReadOnly)> _sessions = [];
    private readonly Dictionary<FolderId, List<IActorRef>> _folders = [];

    public bool Any => _sessions.Count > 0;

    public int Count => _sessions.Count;

    public IEnumerable<FolderId> Folders => _folders.Keys;

    public void Add(IActorRef session, FolderId folder, bool readOnly)
    {
        Remove(session);
        _sessions.Add(session, (folder, readOnly));
        if (!_folders.TryGetValue(folder, out var sessions)) _folders.Add(folder, sessions = []);
        sessions.Add(session);
    }

    public bool Remove(IActorRef session)
    {
        if (!_sessions.Remove(session, out var watched)) return false;
        var sessions = _folders[watched.Folder];
        sessions.Remove(session);
        if (sessions.Count == 0) _folders.Remove(watched.Folder);
        return true;
    }

    public IReadOnlyList<IActorRef> Of(FolderId folder) => _folders.TryGetValue(folder, out var sessions) ? sessions : [];

    /// <summary>The session that selected the folder first, of those that can change it; null without any.</summary>
    public IActorRef? FirstReadWrite(FolderId folder) => Of(folder).FirstOrDefault(session => !_sessions[session].ReadOnly);
}

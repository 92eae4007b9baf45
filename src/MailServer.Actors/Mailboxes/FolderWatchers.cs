using Akka.Actor;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>The sessions that have a folder of the mailbox selected, each at most one, and those that watch all folders.</summary>
internal sealed class FolderWatchers
{
    private readonly Dictionary<IActorRef, (FolderId Folder, bool ReadOnly, MailboxGuest? Guest)> _sessions = [];
    private readonly Dictionary<FolderId, List<IActorRef>> _folders = [];
    private readonly HashSet<IActorRef> _all = [];

    public bool Any => _sessions.Count > 0 || _all.Count > 0;

    public int Count => _sessions.Count + _all.Count(session => !_sessions.ContainsKey(session));

    public IEnumerable<FolderId> Folders => _folders.Keys;

    /// <summary>The sessions that watch all folders.</summary>
    public IReadOnlyCollection<IActorRef> OfAll => _all;

    /// <param name="session">The session.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="readOnly">The session cannot change the folder.</param>
    /// <param name="guest">The account of the session if it is not the owner.</param>
    public void Add(IActorRef session, FolderId folder, bool readOnly, MailboxGuest? guest = null)
    {
        Remove(session);
        _sessions.Add(session, (folder, readOnly, guest));
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

    public void AddToAll(IActorRef session) => _all.Add(session);

    public bool RemoveFromAll(IActorRef session) => _all.Remove(session);

    public bool Contains(IActorRef session) => _sessions.ContainsKey(session) || _all.Contains(session);

    public IReadOnlyList<IActorRef> Of(FolderId folder) => _folders.TryGetValue(folder, out var sessions) ? sessions : [];

    /// <summary>The account of a session that has a folder selected, if it is not the owner.</summary>
    public MailboxGuest? GuestOf(IActorRef session) => _sessions.TryGetValue(session, out var watched) ? watched.Guest : null;

    /// <summary>The session that selected the folder first, of those that can change it; null without any.</summary>
    public IActorRef? FirstReadWrite(FolderId folder) => Of(folder).FirstOrDefault(session => !_sessions[session].ReadOnly);
}

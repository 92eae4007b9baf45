using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap.Notifying;

/// <summary>Compares two lists of folders and subscriptions: the names of which a client with NOTIFY is told (RFC 5465 §5.4, §5.5).</summary>
internal sealed class FolderTreeChanges(
    Dictionary<FolderId, FolderName> before, Dictionary<FolderId, FolderName> after, IReadOnlySet<FolderName> subscribedBefore, IReadOnlySet<FolderName> subscribedAfter, NotifyRequest request)
{
    private readonly List<(FolderName Name, FolderName? Old)> _told = [];
    private readonly HashSet<FolderName> _names = [];

    /// <summary>The names in an order in which a client can follow them, those of renamed folders with the old name.</summary>
    public IReadOnlyList<(FolderName Name, FolderName? Old)> Find()
    {
        foreach (var (id, name) in before)
            if (!after.ContainsKey(id)) AddWithParent(name);
        AddRenamed(before.Where(f => after.TryGetValue(f.Key, out var name) && name != f.Value).ToDictionary(static f => f.Value, f => after[f.Key]));
        foreach (var (id, name) in after)
            if (!before.ContainsKey(id)) AddWithParent(name);
        foreach (var name in subscribedBefore.Except(subscribedAfter).Concat(subscribedAfter.Except(subscribedBefore)))
            if (Wants(NotifyEvents.SubscriptionChange, name)) Add(name);
        return _told;
    }

    // §5.4: creation and removal also affect the parent, whether or not it is a folder.
    private void AddWithParent(FolderName name)
    {
        if (Wants(NotifyEvents.MailboxName, name)) Add(name);
        if (name.Parent is { } parent && Wants(NotifyEvents.MailboxName, parent)) Add(parent);
    }

    private void Add(FolderName name)
    {
        if (_names.Add(name)) _told.Add((name, null));
    }

    // A name that two folders have had is told when the first one has left it. §5.4: the rename of a folder is not told for its children.
    private void AddRenamed(Dictionary<FolderName, FolderName> renames)
    {
        var left = renames.Where(r => !MovedWithParent(renames, r.Key, r.Value)).ToDictionary();
        while (left.Count > 0)
        {
            var (old, name) = left.FirstOrDefault(r => !left.ContainsKey(r.Value), left.First());
            left.Remove(old);
            if (!Wants(NotifyEvents.MailboxName, old) && !Wants(NotifyEvents.MailboxName, name)) continue;
            _told.Add((name, old));
            _names.Add(name);
        }
    }

    private static bool MovedWithParent(Dictionary<FolderName, FolderName> renames, FolderName old, FolderName name)
    {
        while (old.Parent is { } oldParent && name.Parent is { } parent && name == old.Rebase(oldParent, parent))
        {
            if (renames.TryGetValue(oldParent, out var renamed) && renamed == parent) return true;
            (old, name) = (oldParent, parent);
        }

        return false;
    }

    private bool Wants(NotifyEvents wanted, FolderName name) =>
        request.EventsOf(name, subscribedBefore).HasFlag(wanted) || request.EventsOf(name, subscribedAfter).HasFlag(wanted);
}

using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap.Notifying;

/// <summary>Compares two lists of folders and subscriptions: the names of which a client with NOTIFY is told (RFC 5465 §5.4, §5.5).</summary>
internal sealed class FolderTreeChanges(
    Dictionary<FolderId, FolderName> before, Dictionary<FolderId, FolderName> after, IReadOnlySet<FolderName> subscribedBefore, IReadOnlySet<FolderName> subscribedAfter, NotifyRequest request)
{
    /// <summary>Adds the names, those of renamed folders with the old name.</summary>
    public void AddTo(Dictionary<FolderName, string?> listed)
    {
        var renames = new Dictionary<FolderName, FolderName>();
        foreach (var (id, old) in before)
        {
            if (!after.TryGetValue(id, out var name)) AddWithParent(listed, old);
            else if (name != old) renames[old] = name;
        }

        foreach (var (id, name) in after)
            if (!before.ContainsKey(id)) AddWithParent(listed, name);
        foreach (var (old, name) in renames)
            if (!MovedWithParent(renames, old, name) && (Wants(NotifyEvents.MailboxName, old) || Wants(NotifyEvents.MailboxName, name))) listed[name] = old.Value;
        foreach (var name in subscribedBefore.Except(subscribedAfter).Concat(subscribedAfter.Except(subscribedBefore)))
            if (Wants(NotifyEvents.SubscriptionChange, name)) listed.TryAdd(name, null);
    }

    // §5.4: creation and removal also affect the parent, whether or not it is a folder.
    private void AddWithParent(Dictionary<FolderName, string?> listed, FolderName name)
    {
        if (Wants(NotifyEvents.MailboxName, name)) listed[name] = null;
        if (name.Parent is { } parent && Wants(NotifyEvents.MailboxName, parent)) listed.TryAdd(parent, null);
    }

    // §5.4: the rename of a folder is not told for its children.
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

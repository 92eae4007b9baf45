using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Maildir;

/// <summary>The subscribed folder names, one per line in the file <c>subscriptions</c> of the mailbox, as in other Maildir servers.</summary>
internal sealed class SubscriptionFile(string directory, bool sync)
{
    private readonly string _path = Path.Combine(directory, "subscriptions");
    private readonly HashSet<FolderName> _names =
        [.. (StateFile.ReadLines(Path.Combine(directory, "subscriptions")) ?? []).Select(l => FolderName.TryParse(l, out var n) ? n : (FolderName?)null).OfType<FolderName>()];

    public IReadOnlySet<FolderName> Names => _names.ToHashSet();

    public int Count => _names.Count;

    public void Set(IEnumerable<FolderName> names, bool subscribed)
    {
        var changed = false;
        foreach (var name in names) changed |= subscribed ? _names.Add(name) : _names.Remove(name);
        if (changed) StateFile.Replace(_path, _names.Select(n => n.Value).Order(StringComparer.Ordinal), sync);
    }
}

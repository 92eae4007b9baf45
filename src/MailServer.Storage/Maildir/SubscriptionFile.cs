using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Maildir;

/// <summary>The subscribed folder names, one per line in the file <c>subscriptions</c> of the mailbox, as in other Maildir servers.</summary>
internal sealed class SubscriptionFile
{
    private const string FileName = "subscriptions";

    private readonly string _path;
    private readonly bool _sync;
    private readonly HashSet<FolderName> _names = [];

    private SubscriptionFile(string path, bool sync) => (_path, _sync) = (path, sync);

    /// <summary>Why the file cannot be used; null if it can. What is in its place is left as it is.</summary>
    public string? Obstacle { get; private init; }

    public static SubscriptionFile Open(string directory, bool sync)
    {
        var path = Path.Combine(directory, FileName);
        try
        {
            var file = new SubscriptionFile(path, sync);
            foreach (var line in StateFile.ReadLines(path) ?? [])
                if (FolderName.TryParse(line, out var name)) file._names.Add(name);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new SubscriptionFile(path, sync) { Obstacle = e.Message };
        }
    }

    public IReadOnlySet<FolderName> Names => _names.ToHashSet();

    public int Count => _names.Count;

    /// <exception cref="IOException">The file cannot be used.</exception>
    public void Set(IEnumerable<FolderName> names, bool subscribed)
    {
        if (Obstacle is not null) throw new IOException(Obstacle);
        var changed = false;
        foreach (var name in names) changed |= subscribed ? _names.Add(name) : _names.Remove(name);
        if (changed) StateFile.Replace(_path, _names.Select(n => n.Value).Order(StringComparer.Ordinal), _sync);
    }
}

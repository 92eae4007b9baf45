using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>State shared by the parts of an open mailbox: folders, index, and access to messages.</summary>
internal sealed class MailboxContext(MailboxStoreOptions options, IndexDatabase index, IMessageParser format, TimeProvider time)
{
    private const int MaxProblems = 1_000;

    private readonly Dictionary<FolderId, Folder> _byId = [];
    private readonly Dictionary<FolderName, Folder> _byName = [];
    private readonly Dictionary<FolderName, string> _unusable = [];
    private readonly List<string> _problems = [];

    public MailboxStoreOptions Options => options;

    public IndexDatabase Index => index;

    public IMessageParser Format => format;

    public TimeProvider Time => time;

    /// <summary>The index of the texts; null if there is none.</summary>
    public MailboxTextIndex? Texts { get; set; }

    public IReadOnlyCollection<Folder> Folders => _byId.Values;

    /// <summary>Quota usage: the sum of the folder sizes, and the limit.</summary>
    public QuotaUsage Use => new(_byId.Values.Sum(static folder => folder.Size), Quota);

    /// <summary>The limit in octets; null for no limit.</summary>
    public long? Quota { get; set; }

    /// <summary>Files that were skipped, each with the reason, without duplicates.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public void Add(Folder folder)
    {
        _byId.Add(folder.Id, folder);
        _byName.Add(folder.Name, folder);
    }

    public void Remove(Folder folder)
    {
        _byId.Remove(folder.Id);
        _byName.Remove(folder.Name);
    }

    /// <summary>Marks a folder that exists and cannot be used. Its name stays taken, because a new folder would hide its mail.</summary>
    public void Skip(FolderName name, string reason)
    {
        _unusable[name] = reason;
        Report(reason);
    }

    /// <summary>The reason why this folder, or one above it, cannot be used; null if it can.</summary>
    public string? ObstacleOf(FolderName name)
    {
        for (FolderName? at = name; at is { } level; at = level.Parent)
        {
            if (_unusable.TryGetValue(level, out var reason)) return reason;
        }

        return null;
    }

    /// <exception cref="IOException">The folder exists and cannot be used.</exception>
    public void RequireUsable(FolderName name)
    {
        if (_unusable.Count > 0 && ObstacleOf(name) is { } reason) throw new IOException($"{name}: {reason}");
    }

    /// <summary>The folders that exist and cannot be used, each with the reason.</summary>
    public IEnumerable<string> Unusable => _unusable.Values;

    public bool Exists(FolderName name) => _byName.ContainsKey(name);

    /// <exception cref="IOException">The folder exists and cannot be used.</exception>
    public bool TryFind(FolderName name, [NotNullWhen(true)] out Folder? folder)
    {
        if (_byName.TryGetValue(name, out folder)) return Ready(folder);
        RequireUsable(name);
        return false;
    }

    public bool TryFind(FolderId id, [NotNullWhen(true)] out Folder? folder) => _byId.TryGetValue(id, out folder) && Ready(folder);

    public MessageTable Load(Folder folder)
    {
        if (folder.Messages is null) (folder.Messages, folder.Keywords) = index.Messages.Load(folder.Id, folder.Row.Messages, folder.StaleFileLetters);
        return folder.Messages;
    }

    public string SpoolPath(SpoolId id) => string.Concat(options.SpoolDirectory, "/", id.Value);

    /// <summary>Opens the file of a message, even if another tool renamed it; null if it does not exist.</summary>
    public MessageContent? Open(Folder folder, uint uid, in MessageEntry entry)
    {
        if (index.Messages.BaseOf(folder.Id, uid) is not { } baseName) return null;
        if (folder.Directory.TryOpen(folder.FileName(baseName, uid, entry)) is { } content) return content;
        folder.Row.DirectoryTime = 0; // Another tool has changed the directory: force a scan next time.
        return folder.Directory.Find(baseName, uid) is { } name ? folder.Directory.TryOpen(name) : null;
    }

    /// <summary>Applies <paramref name="read"/> to the content of a message.</summary>
    /// <exception cref="UnreadableMessageException">The message file cannot be read. Failures of the index are different exceptions.</exception>
    public T Read<T>(Folder folder, int position, Func<MessageContent, T> read)
    {
        var uid = folder.Messages!.Uids[position];
        MessageContent? content;
        try
        {
            content = Open(folder, uid, folder.Messages[position]);
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            throw Unreadable(folder, uid, e);
        }

        if (content is null) throw Unreadable(folder, uid, null);
        try
        {
            return read(content);
        }
        catch (Exception e)
        {
            content.Dispose();
            if (IsOfTheFile(e) || IsOfTheContent(e)) throw Unreadable(folder, uid, e);
            throw;
        }
    }

    /// <summary>Returns the keywords in use including <paramref name="added"/>; null if there would be too many.</summary>
    public KeywordSet? WithKeywords(Folder folder, KeywordSet added)
    {
        if (added.Count == 0) return folder.Keywords;
        Load(folder);
        var all = folder.Keywords.Union(added);
        return all.Count > options.Limits.FolderKeywords ? null : all;
    }

    /// <summary>Reconciles all folders that need it, so that this does not happen later within a transaction.</summary>
    public void ReconcileAll()
    {
        foreach (var folder in _byId.Values) Ready(folder);
    }

    public void FaultPoint(string point) => options.FaultPoint?.Invoke(point);

    public void Report(string problem)
    {
        if (_problems.Count < MaxProblems && !_problems.Contains(problem)) _problems.Add(problem);
    }

    public static bool IsOfTheFile(Exception e) => (e is IOException or UnauthorizedAccessException) && e is not SqliteNativeException;

    // A parser that stumbles over one message must not affect the others.
    public static bool IsOfTheContent(Exception e) => e is ArgumentException or FormatException or InvalidOperationException or IndexOutOfRangeException or OverflowException;

    private UnreadableMessageException Unreadable(Folder folder, uint uid, Exception? cause)
    {
        var unreadable = new UnreadableMessageException(folder.Name, uid, cause);
        Report(unreadable.Message);
        return unreadable;
    }

    private bool Ready(Folder folder)
    {
        if (folder.MustReconcile) new FolderScanner(this).Reconcile(folder);
        return true;
    }
}

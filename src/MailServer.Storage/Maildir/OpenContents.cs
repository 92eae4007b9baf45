namespace MailServer.Storage.Maildir;

/// <summary>
/// Bounds the message files that are kept open for readers, such as IMAP clients that fetch a folder and do not read the responses. When there are
/// too many, the file that was opened first is closed; its <see cref="FileContent"/> opens it again at the next read. Thread-safe.
/// </summary>
public sealed class OpenContents
{
    private readonly Lock _lock = new();
    private readonly LinkedList<FileContent> _byAge = new();

    /// <summary>The files of this process, which share its limit on open files.</summary>
    public static OpenContents OfProcess { get; } = new();

    /// <summary>Maximum number of open files, at least one.</summary>
    public int Most { get; set; } = Domain.Limits.Default.OpenContents;

    internal int Count
    {
        get
        {
            lock (_lock) return _byAge.Count;
        }
    }

    /// <summary>Records that a file was opened; closes the oldest if there are too many.</summary>
    internal void Opened(LinkedListNode<FileContent> content)
    {
        FileContent? oldest = null;
        lock (_lock)
        {
            if (content.List is not null) _byAge.Remove(content);
            _byAge.AddLast(content);
            if (_byAge.Count > Most) oldest = _byAge.First!.Value;
        }

        oldest?.CloseFile();
    }

    internal void Closed(LinkedListNode<FileContent> content)
    {
        lock (_lock)
        {
            if (content.List is not null) _byAge.Remove(content);
        }
    }
}

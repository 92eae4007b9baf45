using MailServer.Domain.Messages;
using MailServer.Storage.SafeFiles;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Maildir;

/// <summary>
/// The content of a message in an open file, which stays readable when the file is renamed or removed. Under pressure (<see cref="OpenContents"/>) a
/// file in a Maildir is closed between two reads and opened again; then reading fails if the message was expunged meanwhile.
/// </summary>
internal sealed class FileContent : MessageContent
{
    private readonly Lock _lock = new();
    private readonly OpenContents _opened;
    private readonly LinkedListNode<FileContent> _node;
    private readonly (uint, uint, ulong)? _identity;
    private SafeFileHandle? _handle;
    private bool _isDisposed;

    /// <summary>Takes ownership of <paramref name="handle"/>.</summary>
    public FileContent(SafeFileHandle handle) : this(handle, null, OpenContents.OfProcess) { }

    private FileContent(SafeFileHandle handle, string? path, OpenContents opened)
    {
        (_handle, Path, _opened) = (handle, path, opened);
        _node = new LinkedListNode<FileContent>(this);
        Length = RandomAccess.GetLength(handle);
        if (path is null) return;
        _identity = FileStat.Of(handle)?.Identity;
        opened.Opened(_node);
    }

    public override long Length { get; }

    /// <summary>Path of the file when it was opened; null if it has no permanent name.</summary>
    public string? Path { get; }

    /// <summary>Opens a file; returns null if it does not exist.</summary>
    /// <exception cref="NotRegularFileException">It is a link, a FIFO or similar.</exception>
    public static FileContent? TryOpen(string path, OpenContents? opened = null)
    {
        try
        {
            return new FileContent(SafeFileReader.Open(path), path, opened ?? OpenContents.OfProcess);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Returns the current path of a message file that may have been renamed because its flags changed; null if there is none.</summary>
    public static string? FindRenamed(string path)
    {
        var directory = System.IO.Path.GetDirectoryName(path)!;
        var name = MessageFileName.Parse(System.IO.Path.GetFileName(path));
        if (name.Uid is not { } uid || !System.IO.Directory.Exists(directory)) return null;
        var found = new FolderDirectory(System.IO.Path.GetDirectoryName(directory)!, sync: false).Find(name.Base, uid);
        return found is null ? null : System.IO.Path.Combine(directory, found);
    }

    /// <exception cref="FileNotFoundException">The file was closed and the message expunged meanwhile.</exception>
    public override int Read(long offset, Span<byte> destination)
    {
        while (true)
        {
            try
            {
                return RandomAccess.Read(Handle(), destination, offset);
            }
            catch (ObjectDisposedException) when (!_isDisposed)
            {
                // Closed between the two calls.
            }
        }
    }

    /// <summary>Closes the file until the next read.</summary>
    internal void CloseFile()
    {
        lock (_lock)
        {
            _opened.Closed(_node);
            _handle?.Dispose();
            _handle = null;
        }
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        if (disposing) CloseFile();
        base.Dispose(disposing);
    }

    private SafeFileHandle Handle()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_handle is { } open) return open;
            _handle = Reopen();
        }

        // Outside of the lock, because this may close the file of another content.
        _opened.Opened(_node);
        return _handle ?? throw new ObjectDisposedException(nameof(FileContent));
    }

    private SafeFileHandle Reopen()
    {
        var handle = TryOpenSame(Path!) ?? (FindRenamed(Path!) is { } renamed ? TryOpenSame(renamed) : null);
        return handle ?? throw new FileNotFoundException("the message was expunged", Path);
    }

    private SafeFileHandle? TryOpenSame(string path)
    {
        SafeFileHandle handle;
        try
        {
            handle = SafeFileReader.Open(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        if (FileStat.Of(handle)?.Identity == _identity && RandomAccess.GetLength(handle) == Length) return handle;
        handle.Dispose();
        return null;
    }
}

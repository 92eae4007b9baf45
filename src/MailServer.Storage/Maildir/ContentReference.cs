using MailServer.Domain.Messages;

namespace MailServer.Storage.Maildir;

/// <summary>A message that another node has found in a Maildir which this node sees too: its file, by its path below the folder of all Maildirs.</summary>
public sealed class ContentReference(string root, string path, long length) : MessageContent
{
    private FileContent? _opened;

    public string Path => path;

    public override long Length => length;

    /// <summary>How another node finds an open message; null when it lies in no file below <paramref name="root"/>.</summary>
    public static ContentReference? To(string root, MessageContent content)
    {
        var file = (content as FileContent)?.Path ?? (content as ContentReference)?.FullPath;
        var relative = file is null ? null : System.IO.Path.GetRelativePath(root, file);
        return relative is null || relative.StartsWith("..", StringComparison.Ordinal) ? null : new ContentReference(root, relative, content.Length);
    }

    /// <summary>Opens the file, also when its flags, and so its name, have changed meanwhile. False: it was expunged.</summary>
    public bool TryOpen()
    {
        _opened ??= FileContent.TryOpen(FullPath) ?? FindRenamed();
        return _opened is not null;
    }

    public override int Read(long offset, Span<byte> destination) =>
        TryOpen() ? _opened!.Read(offset, destination) : throw new FileNotFoundException("the message was expunged", FullPath);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _opened?.Dispose();
        base.Dispose(disposing);
    }

    private string FullPath => System.IO.Path.Combine(root, path);

    private FileContent? FindRenamed()
    {
        var directory = System.IO.Path.GetDirectoryName(FullPath)!;
        var name = MessageFileName.Parse(System.IO.Path.GetFileName(FullPath));
        if (name.Uid is not { } uid || !System.IO.Directory.Exists(directory)) return null;
        var found = new FolderDirectory(System.IO.Path.GetDirectoryName(directory)!, sync: false).Find(name.Base, uid);
        return found is null ? null : FileContent.TryOpen(System.IO.Path.Combine(directory, found));
    }
}

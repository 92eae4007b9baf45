using MailServer.Domain.Messages;

namespace MailServer.Storage.Maildir;

/// <summary>
/// The content of a message as a reference to its file in a Maildir that is shared with another node. The reference is the path below
/// the Maildir root and must have the form <c>user_1/INBOX/cur/NAME</c>, so that it cannot refer to other files of this machine.
/// </summary>
public sealed class SharedMessageContent : MessageContent
{
    private const string AccountFolder = "user_";

    private readonly string _root;
    private FileContent? _opened;

    /// <param name="root">The directory of all Maildirs.</param>
    /// <param name="path">The relative path given by another node.</param>
    /// <param name="length">Size in octets.</param>
    /// <exception cref="InvalidDataException">The path is not that of a message.</exception>
    public SharedMessageContent(string root, string path, long length)
    {
        if (!IsOfMessage(path) || length < 0) throw new InvalidDataException("the reference from another node is not the path of a message");
        (_root, Path, Length) = (root, path, length);
    }

    public string Path { get; }

    public override long Length { get; }

    /// <summary>Creates a reference to an open message for another node; null if the message is not a file below <paramref name="root"/>.</summary>
    public static SharedMessageContent? To(string root, MessageContent content)
    {
        var file = (content as FileContent)?.Path ?? (content as SharedMessageContent)?.FullPath;
        var relative = file is null ? null : System.IO.Path.GetRelativePath(root, file);
        return relative is null || !IsOfMessage(relative) ? null : new SharedMessageContent(root, relative, content.Length);
    }

    /// <summary>Opens the file, even if it was renamed because its flags changed. Returns false if it was expunged or is a different file.</summary>
    public bool TryOpen()
    {
        if (_opened is not null) return true;
        try
        {
            _opened = FileContent.TryOpen(FullPath) ?? (FileContent.FindRenamed(FullPath) is { } renamed ? FileContent.TryOpen(renamed) : null);
        }
        catch (IOException)
        {
            return false;
        }

        // Messages never change: a different length means a different file.
        if (_opened is null || _opened.Length == Length) return _opened is not null;
        _opened.Dispose();
        _opened = null;
        return false;
    }

    public override int Read(long offset, Span<byte> destination) =>
        TryOpen() ? _opened!.Read(offset, destination) : throw new FileNotFoundException("the message was expunged", FullPath);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _opened?.Dispose();
        base.Dispose(disposing);
    }

    private string FullPath => System.IO.Path.Combine(_root, Path);

    /// <summary>Accepts an account folder, folder names, <c>cur</c> or <c>new</c>, and a file name, without empty, <c>.</c> or <c>..</c> segments.</summary>
    private static bool IsOfMessage(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal)) return false;
        var steps = path.Split('/');
        if (steps.Length < 4 || steps[^2] is not ("cur" or "new") || steps.Any(static s => s is "" or "." or "..")) return false;
        return steps[0].StartsWith(AccountFolder, StringComparison.Ordinal) && steps[0].Length > AccountFolder.Length && steps[0].AsSpan(AccountFolder.Length).IndexOfAnyExceptInRange('0', '9') < 0;
    }
}

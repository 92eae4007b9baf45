using MailServer.Domain.Messages;
using MailServer.Storage.SafeFiles;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Maildir;

/// <summary>The content of a message in an open file, which stays readable when the file is renamed or removed.</summary>
internal sealed class FileContent : MessageContent
{
    private readonly SafeFileHandle _handle;

    /// <summary>Takes ownership of <paramref name="handle"/>.</summary>
    public FileContent(SafeFileHandle handle)
    {
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    public override long Length { get; }

    /// <summary>Path of the file when it was opened; null if it has no permanent name.</summary>
    public string? Path { get; private init; }

    /// <summary>Opens a file; returns null if it does not exist.</summary>
    /// <exception cref="NotRegularFileException">It is a link, a FIFO or similar.</exception>
    public static FileContent? TryOpen(string path)
    {
        try
        {
            return new FileContent(SafeFileReader.Open(path)) { Path = path };
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public override int Read(long offset, Span<byte> destination) => RandomAccess.Read(_handle, destination, offset);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _handle.Dispose();
        base.Dispose(disposing);
    }
}

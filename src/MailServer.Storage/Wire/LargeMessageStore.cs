using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Wire;

/// <summary>
/// Exchanges cluster messages that are too large for the transport as files in a shared folder: the sender writes a file, the receiver reads and
/// removes it. Files that were not received, for example because a node crashed, are removed after an hour, when a node writes its next file.
/// </summary>
public sealed class LargeMessageStore
{
    // Limited by the size of an array; the largest content is the attachment of an event.
    private const long MaxSize = 1L << 30;

    private static readonly TimeSpan Keep = TimeSpan.FromHours(1);

    private readonly string _directory;
    private readonly string _prefix;
    private long _count;
    private long _cleanedAt;

    private LargeMessageStore(string directory, string node)
    {
        _directory = directory;
        // The prefix is unique per process.
        _prefix = string.Create(CultureInfo.InvariantCulture, $"{node}-{Environment.ProcessId}-{Guid.NewGuid():N}-");
    }

    public static LargeMessageStore Open(string directory, string node)
    {
        Posix.CreatePrivateDirectory(directory);
        return new LargeMessageStore(directory, node);
    }

    /// <summary>Writes a message and returns its file name.</summary>
    public string Put(ReadOnlySpan<byte> message)
    {
        Clean();
        var name = _prefix + Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture);
        using var file = PrivateFile.Create(Path.Combine(_directory, name));
        RandomAccess.Write(file, message, 0);
        return name;
    }

    /// <summary>Reads a message and removes its file.</summary>
    public byte[] Take(string name)
    {
        if (name.Length == 0 || name[0] == '.' || name.AsSpan().ContainsAny('/', '\\', '\0')) throw new InvalidDataException("the reference from another node is not a valid name");
        var path = Path.Combine(_directory, name);
        var message = Read(path);
        Posix.TryUnlink(path);
        return message;
    }

    private static byte[] Read(string path)
    {
        using var file = SafeFileReader.Open(path);
        var size = RandomAccess.GetLength(file);
        if (size > MaxSize) throw new InvalidDataException("the message from another node is too large");
        var message = new byte[size];
        for (var at = 0; at < message.Length;)
        {
            var read = RandomAccess.Read(file, message.AsSpan(at), at);
            if (read == 0) throw new InvalidDataException("the message from another node is truncated");
            at += read;
        }

        return message;
    }

    private void Clean()
    {
        var now = Environment.TickCount64;
        var last = Interlocked.Read(ref _cleanedAt);
        if ((last != 0 && now - last < Keep.TotalMilliseconds) || Interlocked.CompareExchange(ref _cleanedAt, now, last) != last) return;
        foreach (var file in new DirectoryInfo(_directory).EnumerateFiles())
        {
            // Compared with the time of the directory, because the clock of the file server is the relevant one.
            if (file.LastWriteTimeUtc < File.GetLastWriteTimeUtc(_directory) - Keep) Posix.TryUnlink(file.FullName);
        }
    }
}

using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Wire;

/// <summary>
/// Messages between nodes that are too large for the wire: the sender leaves each in a file of the shared folder, the receiver takes it away. What nobody
/// took (a node died) is removed after an hour, when its sender starts or leaves the next one.
/// </summary>
public sealed class LargeMessages
{
    // As much as an array can hold with room to spare: the attachment of an event is what is largest.
    private const long MaxSize = 1L << 30;

    private static readonly TimeSpan s_keep = TimeSpan.FromHours(1);

    private readonly string _directory;
    private readonly string _prefix;
    private long _count;
    private long _cleanedAt;

    private LargeMessages(string directory, string node)
    {
        _directory = directory;
        // No two processes ever use one name.
        _prefix = string.Create(CultureInfo.InvariantCulture, $"{node}-{Environment.ProcessId}-{Guid.NewGuid():N}-");
    }

    public static LargeMessages Open(string directory, string node)
    {
        Posix.CreatePrivateDirectory(directory);
        return new LargeMessages(directory, node);
    }

    /// <summary>Answers the name under which the message lies.</summary>
    public string Leave(ReadOnlySpan<byte> message)
    {
        Clean();
        var name = _prefix + Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture);
        using var file = OwnFile.Create(Path.Combine(_directory, name));
        RandomAccess.Write(file, message, 0);
        return name;
    }

    /// <summary>The message, which is then no longer there.</summary>
    public byte[] Take(string name)
    {
        if (name.Length == 0 || name[0] == '.' || name.AsSpan().ContainsAny('/', '\\', '\0')) throw new InvalidDataException("another node names no message");
        var path = Path.Combine(_directory, name);
        var message = Read(path);
        Posix.TryUnlink(path);
        return message;
    }

    private static byte[] Read(string path)
    {
        using var file = ForeignFile.Open(path);
        var size = RandomAccess.GetLength(file);
        if (size > MaxSize) throw new InvalidDataException("the message of another node is too large");
        var message = new byte[size];
        for (var at = 0; at < message.Length;)
        {
            var read = RandomAccess.Read(file, message.AsSpan(at), at);
            if (read == 0) throw new InvalidDataException("the message of another node ends too early");
            at += read;
        }

        return message;
    }

    private void Clean()
    {
        var now = Environment.TickCount64;
        var last = Interlocked.Read(ref _cleanedAt);
        if ((last != 0 && now - last < s_keep.TotalMilliseconds) || Interlocked.CompareExchange(ref _cleanedAt, now, last) != last) return;
        foreach (var file in new DirectoryInfo(_directory).EnumerateFiles())
        {
            // By the times of the files themselves: the clock of the file server is the one that counts.
            if (file.LastWriteTimeUtc < File.GetLastWriteTimeUtc(_directory) - s_keep) Posix.TryUnlink(file.FullName);
        }
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.SafeFiles;

/// <summary>
/// The one place that creates files: for the server's own user alone, whatever the umask is. What was there under the name before is replaced, or refused,
/// and never written through: a link or a FIFO is not opened.
/// </summary>
public static partial class OwnFile
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const uint PrivateMask = 0x3F;

    /// <summary>From now on everything that this process makes is for its own user alone, unless it is given another mode on purpose.</summary>
    public static void KeepPrivate()
    {
        if (!OperatingSystem.IsWindows()) _ = MaskCall(PrivateMask);
    }

    /// <summary>A new file.</summary>
    /// <exception cref="IOException">Something has the name already.</exception>
    public static SafeFileHandle Create(string path) => Open(path, FileMode.CreateNew);

    /// <summary>Makes the octets of a file of ours durable.</summary>
    public static void Flush(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>A new file in the place of whatever has its name.</summary>
    public static SafeFileHandle Replace(string path)
    {
        if (FileFacts.Find(path) is not null) File.Delete(path);
        return Open(path, FileMode.CreateNew);
    }

    /// <summary>Gives a finished file its name unless something has that name already: of several processes that do this at once, one does.</summary>
    /// <param name="partial">The file under the name that it was written with, which is removed.</param>
    /// <param name="path">Its name from now on.</param>
    public static void PublishOnce(string partial, string path)
    {
        Posix.LinkOrCopy(partial, path);
        File.Delete(partial);
    }

    /// <summary>Makes a directory, and what is missing above it.</summary>
    public static void CreateDirectory(string path) => Posix.CreatePrivateDirectory(path);

    /// <summary>Opens a file of ours to write at its end; null when it is not there or not a regular file.</summary>
    public static SafeFileHandle? TryOpenForAppending(string path)
    {
        try
        {
            return FileFacts.Find(path) is { Kind: FileKind.Regular } ? File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete) : null;
        }
        catch (FileNotFoundException)
        {
            // Removed this moment.
            return null;
        }
    }

    /// <summary>A stream that writes a new file.</summary>
    /// <exception cref="IOException">Something has the name already.</exception>
    public static FileStream CreateStream(string path) => new(Create(path), FileAccess.ReadWrite);

    /// <summary>A stream that writes a new file in the place of whatever has its name.</summary>
    public static FileStream ReplaceStream(string path) => new(Replace(path), FileAccess.ReadWrite);

    /// <summary>Copies a file that was opened with <see cref="ForeignFile"/> to a new file, with its time; <paramref name="sync"/>: its octets are durable.</summary>
    public static void Copy(SafeFileHandle source, string target, bool sync = false)
    {
        using var input = ForeignFile.Stream(source);
        using var output = new FileStream(Create(target), FileAccess.Write);
        input.CopyTo(output);
        output.Flush(flushToDisk: sync);
        File.SetLastWriteTimeUtc(output.SafeFileHandle, File.GetLastWriteTimeUtc(source));
    }

    private static SafeFileHandle Open(string path, FileMode mode)
    {
        var handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        // The mask keeps it private from the beginning; this holds also where a program has not set it.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(handle, Private);
        return handle;
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint MaskCall(uint mask);
}

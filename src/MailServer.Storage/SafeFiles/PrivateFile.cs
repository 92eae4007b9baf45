using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.SafeFiles;

/// <summary>
/// The only place that creates files: private to the server's user, whatever the umask is. An existing file of
/// the same name is replaced, or is an error, but is never written through: links and FIFOs are not opened.
/// </summary>
public static partial class PrivateFile
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const uint PrivateMask = 0x3F;

    /// <summary>Sets the umask so that all files and directories created by this process are private by default.</summary>
    public static void SetPrivateUmask()
    {
        if (!OperatingSystem.IsWindows()) _ = MaskCall(PrivateMask);
    }

    /// <summary>Creates a new file.</summary>
    /// <exception cref="IOException">The path exists already.</exception>
    public static SafeFileHandle Create(string path) => Open(path, FileMode.CreateNew);

    /// <summary>Flushes the content of an own file to the disk.</summary>
    public static void Flush(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Creates a new file, replacing any existing file of that name.</summary>
    public static SafeFileHandle Replace(string path)
    {
        if (FileStat.Find(path) is not null) File.Delete(path);
        return Open(path, FileMode.CreateNew);
    }

    /// <summary>Writes a small file under a temporary name and renames it, so that a reader never sees half of it. It is not flushed.</summary>
    public static void ReplaceAll(string path, ReadOnlySpan<byte> content)
    {
        var partial = path + ".part";
        using (var file = ReplaceStream(partial)) file.Write(content);
        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Renames a finished file unless the target exists: if several processes do this at once, one succeeds.</summary>
    /// <param name="partial">The temporary name of the file, which is removed.</param>
    /// <param name="path">The final name.</param>
    public static void PublishOnce(string partial, string path)
    {
        Posix.LinkOrCopy(partial, path);
        File.Delete(partial);
    }

    /// <summary>Creates a directory and its missing parents.</summary>
    public static void CreateDirectory(string path) => Posix.CreatePrivateDirectory(path);

    /// <summary>Opens an own file for appending; null if it does not exist or is not a regular file.</summary>
    public static SafeFileHandle? TryOpenForAppending(string path)
    {
        try
        {
            return FileStat.Find(path) is { Kind: FileKind.Regular } ? File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete) : null;
        }
        catch (FileNotFoundException)
        {
            // Removed in the meantime.
            return null;
        }
    }

    /// <summary>Creates a new file as a stream.</summary>
    /// <exception cref="IOException">The path exists already.</exception>
    public static FileStream CreateStream(string path) => new(Create(path), FileAccess.ReadWrite);

    /// <summary>Creates a new file as a stream, replacing any existing file of that name.</summary>
    public static FileStream ReplaceStream(string path) => new(Replace(path), FileAccess.ReadWrite);

    /// <summary>Copies a file opened by <see cref="SafeFileReader"/> to a new file, including its modification time; flushes the content if <paramref name="sync"/>.</summary>
    public static void Copy(SafeFileHandle source, string target, bool sync = false)
    {
        using var input = SafeFileReader.Stream(source);
        using var output = new FileStream(Create(target), FileAccess.Write);
        input.CopyTo(output);
        output.Flush(flushToDisk: sync);
        File.SetLastWriteTimeUtc(output.SafeFileHandle, File.GetLastWriteTimeUtc(source));
    }

    private static SafeFileHandle Open(string path, FileMode mode)
    {
        var handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        // The umask already makes the file private; this also covers processes that have not set it.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(handle, Private);
        return handle;
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint MaskCall(uint mask);
}

using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.SafeFiles;

/// <summary>
/// The only place that opens existing files for reading. Others may have created them: links to other users' files, FIFOs without a
/// writer, devices. Therefore a link as the last path component is not followed, opening never blocks, and only regular files are opened.
/// </summary>
public static partial class SafeFileReader
{
    private const int NoEntry = 2;
    private const int NotAllowed = 13;
    private const int NotADirectory = 20;
    private const int NameTooLong = 36;
    private const int TooManyLinks = 40;
    private const int NoDeviceOrAddress = 6;
    private const int CurrentDirectory = -100;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int PathOnly = 0x200000;

    // The values of these flags differ on ARM.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int Directory = IsArm ? 0x4000 : 0x10000;
    internal static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    /// <summary>Opens a file for reading; fails if the last path component is a link.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="NotRegularFileException">It is not a regular file.</exception>
    public static SafeFileHandle Open(string path) => OperatingSystem.IsLinux()
        ? OpenAt(CurrentDirectory, path, path, NoFollow)
        : OpenElsewhere(path, follow: false);

    /// <summary>Opens a regular file named by an administrator, or in a place where only the server writes; links are followed.</summary>
    public static SafeFileHandle OpenNamed(string path) => OperatingSystem.IsLinux()
        ? OpenAt(CurrentDirectory, path, path, 0)
        : OpenElsewhere(path, follow: true);

    /// <summary>Opens a file below a directory; no component of <paramref name="relative"/> may be a link or <c>..</c>.</summary>
    public static SafeFileHandle OpenBeneath(string root, string relative)
    {
        ArgumentNullException.ThrowIfNull(relative);
        var path = Path.Combine(root, relative);
        var parts = relative.Split('/');
        if (Array.Exists(parts, static part => part is "" or "." or "..")) throw new NotRegularFileException(path);
        if (!OperatingSystem.IsLinux()) return OpenElsewhere(path, follow: false);
        using var directory = OpenDirectory(CurrentDirectory, root, path, follow: true);
        var current = directory;
        try
        {
            foreach (var part in parts.AsSpan(0, parts.Length - 1))
            {
                var next = OpenDirectory(Number(current), part, path, follow: false);
                if (current != directory) current.Dispose();
                current = next;
            }

            return OpenAt(Number(current), parts[^1], path, NoFollow);
        }
        finally
        {
            if (current != directory) current.Dispose();
        }
    }

    /// <summary>Creates a stream for a file opened by this class.</summary>
    public static FileStream Stream(SafeFileHandle handle) => new(handle, FileAccess.Read);

    /// <summary>Reads a whole file, opened as by <see cref="Open"/>.</summary>
    public static byte[] ReadAll(string path)
    {
        using var handle = Open(path);
        return ReadAll(handle);
    }

    /// <summary>Reads a small file of the server itself; null if it does not exist or has more than <paramref name="limit"/> octets.</summary>
    public static byte[]? TryReadSmall(string path, long limit)
    {
        if (FileStat.Find(path) is not { Kind: FileKind.Regular }) return null;
        using var handle = Open(path);
        return RandomAccess.GetLength(handle) > limit ? null : ReadAll(handle);
    }

    /// <summary>Reads a whole open file.</summary>
    public static byte[] ReadAll(SafeFileHandle handle)
    {
        using var stream = Stream(handle);
        var writer = new ArrayBufferWriter<byte>((int)Math.Clamp(stream.Length, 1, Array.MaxLength));
        while (stream.Read(writer.GetSpan(4096)) is > 0 and var read) writer.Advance(read);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the lines of a small text file, opened as by <see cref="Open"/>.</summary>
    public static string[] ReadLines(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAll(path)), Encoding.UTF8);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line) lines.Add(line);
        return [.. lines];
    }

    /// <summary>Lists the regular files in a directory. Links and special files are passed to <paramref name="passedOver"/>.</summary>
    public static IEnumerable<string> Files(string directory, Action<string>? passedOver = null) => Entries(directory, FileKind.Regular, passedOver);

    /// <summary>Lists the subdirectories of a directory, without links. Links and special files are passed to <paramref name="passedOver"/>.</summary>
    public static IEnumerable<string> Directories(string directory, Action<string>? passedOver = null) => Entries(directory, FileKind.Directory, passedOver);

    /// <summary>True if the path is a directory and not a link to one.</summary>
    public static bool IsDirectory(string path) => FileStat.Find(path) is { Kind: FileKind.Directory };

    private static IEnumerable<string> Entries(string directory, FileKind wanted, Action<string>? passedOver)
    {
        foreach (var path in System.IO.Directory.EnumerateFileSystemEntries(directory))
        {
            var kind = FileStat.Find(path)?.Kind;
            if (kind == wanted) yield return path;
            else if (kind is not (FileKind.Regular or FileKind.Directory)) passedOver?.Invoke(path);
        }
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static SafeFileHandle OpenDirectory(int at, string name, string path, bool follow)
    {
        var descriptor = OpenAtCall(at, name, PathOnly | Directory | CloseOnExec | (follow ? 0 : NoFollow), 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Error(Marshal.GetLastPInvokeError(), path);
    }

    private static SafeFileHandle OpenAt(int at, string name, string path, int flags)
    {
        var descriptor = OpenAtCall(at, name, NonBlocking | CloseOnExec | flags, 0);
        if (descriptor < 0) throw Error(Marshal.GetLastPInvokeError(), path);
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FileStat.Of(handle) is { Kind: FileKind.Regular }) return handle;
        handle.Dispose();
        throw new NotRegularFileException(path);
    }

    private static SafeFileHandle OpenElsewhere(string path, bool follow)
    {
        if (!follow && FileStat.Find(path) is { Kind: not FileKind.Regular }) throw new NotRegularFileException(path);
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    // ENXIO: sockets cannot be opened. ELOOP: the last component is a link. ENOTDIR: a file or link in the middle of the path.
    private static Exception Error(int error, string path) => error switch
    {
        NoEntry => new FileNotFoundException($"there is no file {path}", path),
        TooManyLinks or NoDeviceOrAddress or NotADirectory => new NotRegularFileException(path),
        NotAllowed => new UnauthorizedAccessException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}"),
        NameTooLong => new PathTooLongException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}"),
        _ => new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error),
    };

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAtCall(int directory, string path, int flags, int mode);
}

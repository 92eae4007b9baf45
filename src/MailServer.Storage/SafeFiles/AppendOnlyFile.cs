using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.SafeFiles;

/// <summary>
/// A file, or a stream such as standard output, that is only appended to. Each write goes to the current end of
/// the file (O_APPEND), so writing continues correctly after another program has truncated it. Not thread-safe.
/// </summary>
public sealed partial class AppendOnlyFile : IDisposable
{
    private const int OpenWriteOnly = 0x1;
    private const int OpenCreate = 0x40;
    private const int OpenAppend = 0x400;
    private const int OpenWithoutWaiting = 0x800; // Applies to opening too: a FIFO without a reader fails instead of blocking.
    private const int OpenCloseOnExec = 0x80000;
    private const int PrivateMode = 0x180; // 0600
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const short Writable = 4; // POLLOUT
    private const int Endless = -1;

    private readonly SafeFileHandle _handle;
    private readonly FileStream? _stream;
    private readonly string _name;
    private readonly (uint, uint, ulong)? _identity;

    private AppendOnlyFile(SafeFileHandle handle, FileStream? stream, string name)
    {
        (_handle, _stream, _name) = (handle, stream, name);
        _identity = FileStat.Of(handle)?.Identity;
    }

    /// <summary>Size in octets; 0 for a stream.</summary>
    /// <exception cref="IOException">The file system does not report the size.</exception>
    public long Length => _handle.IsInvalid || FileStat.Of(_handle) is not { Kind: FileKind.Regular } ? 0 : RandomAccess.GetLength(_handle);

    /// <summary>Opens a file; creates it and its folder, private to the server's user, if missing.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be created.</exception>
    public static AppendOnlyFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !System.IO.Directory.Exists(folder)) PrivateFile.CreateDirectory(folder);
        if (!OperatingSystem.IsLinux())
        {
            var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return new AppendOnlyFile(stream.SafeFileHandle, stream, path);
        }

        var handle = OpenCall(path, OpenWriteOnly | OpenCreate | OpenAppend | OpenWithoutWaiting | OpenCloseOnExec, PrivateMode);
        if (!handle.IsInvalid) return new AppendOnlyFile(handle, null, path);
        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw Failure(error);
    }

    /// <summary>Wraps a standard stream, which stays open when this object is disposed.</summary>
    /// <param name="descriptor">1: standard output, 2: standard error.</param>
    public static AppendOnlyFile Standard(int descriptor)
    {
        var handle = new SafeFileHandle(descriptor, ownsHandle: false);
        return new AppendOnlyFile(handle, OperatingSystem.IsLinux() ? null : new FileStream(handle, FileAccess.Write, bufferSize: 0), "");
    }

    /// <summary>False if another program has renamed or removed the file.</summary>
    public bool IsAt(string path) => !OperatingSystem.IsLinux() || (FileStat.Find(path)?.Identity is { } found && found == _identity);

    /// <summary>Appends octets, and blocks while a stream is not ready.</summary>
    /// <returns>The number of octets written: all of them, unless <paramref name="failure"/> is set.</returns>
    public int Write(ReadOnlySpan<byte> octets, out IOException? failure)
    {
        failure = null;
        if (!OperatingSystem.IsLinux()) return WriteStream(octets, out failure);
        var written = 0;
        while (written < octets.Length)
        {
            var count = WriteCall(_handle, octets[written..], octets.Length - written);
            if (count >= 0)
            {
                written += (int)count;
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == TryAgain) _ = IsWritableWithin(Endless);
            else if (error != Interrupted)
            {
                failure = Failure(error);
                return written;
            }
        }

        return written;
    }

    /// <summary>Appends octets only if the stream is ready; they may be lost.</summary>
    public void TryWriteWithoutBlocking(ReadOnlySpan<byte> octets)
    {
        if (!OperatingSystem.IsLinux()) _ = WriteStream(octets, out _);
        else if (IsWritableWithin(0)) _ = WriteCall(_handle, octets, octets.Length);
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _handle.Dispose();
    }

    private static IOException Failure(int error) => new(Marshal.GetPInvokeErrorMessage(error), error);

    private int WriteStream(ReadOnlySpan<byte> octets, out IOException? failure)
    {
        failure = null;
        try
        {
            _stream!.Write(octets);
            return octets.Length;
        }
        catch (IOException e)
        {
            failure = e;
            return 0;
        }
    }

    [SupportedOSPlatform("linux")]
    private bool IsWritableWithin(int milliseconds)
    {
        var asked = new Poll { Descriptor = (int)_handle.DangerousGetHandle(), Events = Writable };
        return PollCall(ref asked, 1, milliseconds) > 0 && (asked.Returned & Writable) != 0;
    }

    public override string ToString() => _name;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenCall(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteCall(SafeFileHandle file, ReadOnlySpan<byte> octets, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollCall(ref Poll asked, ulong count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}

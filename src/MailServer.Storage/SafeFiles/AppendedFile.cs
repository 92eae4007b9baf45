using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.SafeFiles;

/// <summary>
/// A file, or a stream such as standard output, to which octets are only appended. Each write goes to the end that the file has at that moment
/// (O_APPEND), so one that another program truncates goes on from its new end. Not safe for use from several threads at once.
/// </summary>
public sealed partial class AppendedFile : IDisposable
{
    private const int OpenWriteOnly = 0x1;
    private const int OpenCreate = 0x40;
    private const int OpenAppend = 0x400;
    private const int OpenWithoutWaiting = 0x800; // Also for opening: a FIFO that nobody reads is an error and not a wait.
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

    private AppendedFile(SafeFileHandle handle, FileStream? stream, string name)
    {
        (_handle, _stream, _name) = (handle, stream, name);
        _identity = FileFacts.Of(handle)?.Identity;
    }

    /// <summary>Octets in it. A stream has none.</summary>
    /// <exception cref="IOException">The file system does not say.</exception>
    public long Length => _handle.IsInvalid || FileFacts.Of(_handle) is not { Kind: FileKind.Regular } ? 0 : RandomAccess.GetLength(_handle);

    /// <summary>Opens a file; it is made, for the server's own user alone, when it is missing, and so is its folder.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder cannot be made.</exception>
    public static AppendedFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !System.IO.Directory.Exists(folder)) OwnFile.CreateDirectory(folder);
        if (!OperatingSystem.IsLinux())
        {
            var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return new AppendedFile(stream.SafeFileHandle, stream, path);
        }

        var handle = OpenCall(path, OpenWriteOnly | OpenCreate | OpenAppend | OpenWithoutWaiting | OpenCloseOnExec, PrivateMode);
        if (!handle.IsInvalid) return new AppendedFile(handle, null, path);
        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw Failure(error);
    }

    /// <summary>A stream that the process has had since its start, which stays open when this is disposed.</summary>
    /// <param name="descriptor">1: standard output, 2: standard error.</param>
    public static AppendedFile Standard(int descriptor)
    {
        var handle = new SafeFileHandle(descriptor, ownsHandle: false);
        return new AppendedFile(handle, OperatingSystem.IsLinux() ? null : new FileStream(handle, FileAccess.Write, bufferSize: 0), "");
    }

    /// <summary>Whether its name still leads to it: false after another program has renamed or removed it.</summary>
    public bool IsAt(string path) => !OperatingSystem.IsLinux() || (FileFacts.Find(path)?.Identity is { } found && found == _identity);

    /// <summary>Writes at the end, and waits while a stream takes nothing.</summary>
    /// <returns>How many octets were written: all of them, unless <paramref name="failure"/> says why not.</returns>
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

    /// <summary>Writes what does not have to arrive: nothing when the stream takes nothing now.</summary>
    public void WriteAtOnce(ReadOnlySpan<byte> octets)
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

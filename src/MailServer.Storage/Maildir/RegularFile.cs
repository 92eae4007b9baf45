using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Maildir;

/// <summary>Opens files whose names came from outside: a symbolic link is not followed, and a FIFO or a device neither waits nor answers.</summary>
internal static partial class RegularFile
{
    private const int NoEntry = 2;
    private const int NotDirectory = 20;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int EmptyPath = 0x1000;
    private const uint TypeField = 1;
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;

    // The one flag that differs between the processors that Linux runs on.
    private static readonly int s_noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Null when there is no such file.</summary>
    /// <exception cref="IOException">It is no regular file, or cannot be opened.</exception>
    public static SafeFileHandle? TryOpen(string path)
    {
        if (!OperatingSystem.IsLinux()) return OpenElsewhere(path);
        var descriptor = OpenCall(path, NonBlocking | CloseOnExec | s_noFollow);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is NoEntry or NotDirectory ? null : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (IsRegular(descriptor)) return handle;
        handle.Dispose();
        throw new IOException($"{path} is not a regular file");
    }

    private static SafeFileHandle? OpenElsewhere(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        if (file.LinkTarget is not null) throw new IOException($"{path} is not a regular file");
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    private static bool IsRegular(int descriptor)
    {
        Span<byte> answer = stackalloc byte[256];
        return StatCall(descriptor, "", EmptyPath, TypeField, answer) == 0 && (MemoryMarshal.Read<ushort>(answer[28..]) & TypeMask) == RegularType;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatCall(int directory, string path, int flags, uint mask, Span<byte> answer);
}

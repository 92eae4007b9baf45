using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Maildir;

/// <summary>The file-system calls that .NET has no plain form of: hard links, bare rename and unlink, fsync of a directory.</summary>
internal static partial class Posix
{
    private const int NoEntry = 2;
    private const int Exists = 17;
    private const int OtherDevice = 18;
    private const int TooManyLinks = 31;
    private const int NotPermitted = 1;
    private const int OpenDirectory = 0x10000;
    private const int OpenReadWrite = 2;
    private const int OpenCreate = 0x40;
    private const int PrivateMode = 0x180; // 0600
    private const int WouldBlock = 11;
    private const int SizeOfStatx = 256;
    private const int LockExclusive = 2;
    private const int LockWithoutWaiting = 4;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Gives a file a second name; where the file system cannot, a durable copy. A name that exists already is left as it is.</summary>
    public static void LinkOrCopy(string source, string target)
    {
        if (OperatingSystem.IsWindows())
        {
            CopyDurably(source, target);
            return;
        }

        if (LinkCall(source, target) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        if (error == Exists) return;
        if (error is not (OtherDevice or TooManyLinks or NotPermitted)) throw Error(error, source);
        CopyDurably(source, target);
    }

    /// <summary>False when the source is not there.</summary>
    public static bool TryRename(string source, string target)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!File.Exists(source)) return false;
            File.Move(source, target, overwrite: true);
            return true;
        }

        if (RenameCall(source, target) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error == NoEntry ? false : throw Error(error, source);
    }

    /// <summary>False when there was nothing to remove.</summary>
    public static bool TryUnlink(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!File.Exists(path)) return false;
            File.Delete(path);
            return true;
        }

        if (UnlinkCall(path) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error == NoEntry ? false : throw Error(error, path);
    }

    /// <summary>Makes a directory, and what is missing above it, for the server's own user alone.</summary>
    public static void CreatePrivateDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) System.IO.Directory.CreateDirectory(path);
        else System.IO.Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Makes the names in a directory durable. Only Linux needs and offers this.</summary>
    public static void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        var descriptor = OpenCall(path, OpenDirectory | OpenCloseOnExec);
        if (descriptor < 0) throw Error(Marshal.GetLastPInvokeError(), path);
        var failed = SyncCall(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = CloseCall(descriptor);
        if (failed) throw Error(error, path);
    }

    /// <summary>Makes everything on the file system of a directory durable: cheaper than a flush for each of many new files.</summary>
    public static void SyncFileSystem(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        var descriptor = OpenCall(path, OpenDirectory | OpenCloseOnExec);
        if (descriptor < 0) throw Error(Marshal.GetLastPInvokeError(), path);
        var failed = SyncFileSystemCall(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = CloseCall(descriptor);
        if (failed) throw Error(error, path);
    }

    /// <summary>Opens a file, which is made when it is missing, and locks it (flock); <paramref name="isLocked"/> is false when another process has the lock.</summary>
    public static SafeFileHandle OpenLocked(string path, out bool isLocked)
    {
        var handle = OpenFileCall(path, OpenReadWrite | OpenCreate | OpenCloseOnExec, PrivateMode);
        if (handle.IsInvalid)
        {
            handle.Dispose();
            throw Error(Marshal.GetLastPInvokeError(), path);
        }

        isLocked = LockCall(handle, LockExclusive | LockWithoutWaiting) == 0;
        var error = Marshal.GetLastPInvokeError();
        if (isLocked || error == WouldBlock) return handle;
        handle.Dispose();
        throw Error(error, path);
    }

    /// <summary>Lets a file that root has made belong to the owner of the directory it is in: the server does not run as root.</summary>
    public static void GiveToOwnerOf(string path, string directory)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return;
        if (Owner(directory) is var (user, group)) _ = ChangeOwnerCall(path, user, group);
    }

    /// <summary>Whether the process may write to a file: its mode, its file system and its attributes allow it.</summary>
    public static bool IsWritable(string path)
    {
        const int ToWrite = 2; // W_OK
        return OperatingSystem.IsWindows() || AccessCall(path, ToWrite) == 0;
    }

    /// <summary>The number that tells a file from another one that has taken its name; null when it is not there, 0 where there are no such numbers.</summary>
    public static long? FileNumber(string path)
    {
        const int NumberAt = 32;
        if (!OperatingSystem.IsLinux()) return File.Exists(path) ? 0 : null;
        Span<byte> found = stackalloc byte[SizeOfStatx];
        return Stat(path, found) ? BitConverter.ToInt64(found[NumberAt..]) : null;
    }

    private static (uint User, uint Group)? Owner(string path)
    {
        const int UserAt = 20, GroupAt = 24;
        Span<byte> found = stackalloc byte[SizeOfStatx];
        return Stat(path, found) ? (BitConverter.ToUInt32(found[UserAt..]), BitConverter.ToUInt32(found[GroupAt..])) : null;
    }

    private static bool Stat(string path, Span<byte> found)
    {
        const int Current = -100; // AT_FDCWD
        const uint Basic = 0x7FF; // STATX_BASIC_STATS
        return StatCall(Current, path, 0, Basic, ref MemoryMarshal.GetReference(found)) == 0;
    }

    private static void CopyDurably(string source, string target)
    {
        if (File.Exists(target)) return;
        File.Copy(source, target);
        using var handle = File.OpenHandle(target, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    private static IOException Error(int error, string path) => error == NoEntry
        ? new FileNotFoundException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", path)
        : new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkCall(string source, string target);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameCall(string source, string target);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkCall(string path);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFileCall(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockCall(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwnerCall(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatCall(int directory, string path, int flags, uint mask, ref byte found);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AccessCall(string path, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystemCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseCall(int descriptor);
}

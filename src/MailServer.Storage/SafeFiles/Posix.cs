using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.SafeFiles;

/// <summary>System calls without a direct equivalent in .NET: hard links, plain rename and unlink, fsync of a directory.</summary>
internal static partial class Posix
{
    private const int NoEntry = 2;
    private const int Exists = 17;
    private const int OtherDevice = 18;
    private const int TooManyLinks = 31;
    private const int NotPermitted = 1;
    private const int OpenReadWrite = 2;
    private const int OpenCreate = 0x40;
    private const int PrivateMode = 0x180; // 0600
    private const int WouldBlock = 11;
    private const int LockExclusive = 2;
    private const int LockWithoutWaiting = 4;
    private const int LockEnd = 8;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Called before each call that changes or flushes names, with its name and path; only for tests, which cannot observe flushes otherwise.</summary>
    internal static AsyncLocal<Action<string, string>?> Watcher { get; } = new();

    /// <summary>Creates a hard link, or a durable copy if the file system does not support links. An existing target is left unchanged.</summary>
    public static void LinkOrCopy(string source, string target)
    {
        Watcher.Value?.Invoke("link", target);
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

    /// <summary>Creates a hard link; returns false if that is not possible for any reason.</summary>
    public static bool TryLink(string source, string target) => !OperatingSystem.IsWindows() && LinkCall(source, target) == 0;

    /// <summary>Renames a file; returns false if the source does not exist.</summary>
    public static bool TryRename(string source, string target)
    {
        Watcher.Value?.Invoke("rename", target);
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

    /// <summary>Removes a file; returns false if it does not exist.</summary>
    public static bool TryUnlink(string path)
    {
        Watcher.Value?.Invoke("unlink", path);
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

    /// <summary>Creates a directory and its missing parents, private to the server's user. The names are durable when this returns.</summary>
    public static void CreatePrivateDirectory(string path)
    {
        var missing = new List<string>();
        for (var level = Path.GetFullPath(path); level is not null && !System.IO.Directory.Exists(level); level = Path.GetDirectoryName(level)) missing.Add(level);
        if (OperatingSystem.IsWindows()) System.IO.Directory.CreateDirectory(path);
        else System.IO.Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var made in missing) SyncDirectory(Path.GetDirectoryName(made)!);
    }

    /// <summary>When running as root, changes the owner of a file to that of a directory.</summary>
    public static void GiveToOwnerOf(string path, string directory)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess || FileStat.Find(directory) is not { } facts) return;
        if (ChangeOwnerCall(path, facts.User, facts.Group) != 0) throw Error(Marshal.GetLastPInvokeError(), path);
    }

    /// <summary>Changes the owner of a file; a symbolic link is not followed.</summary>
    public static void ChangeOwner(string path, (uint User, uint Group) owner)
    {
        if (ChangeOwnerCall(path, owner.User, owner.Group) != 0) throw Error(Marshal.GetLastPInvokeError(), path);
    }

    /// <summary>Opens a directory to resolve names in it; null if that is not possible.</summary>
    public static SafeFileHandle? TryOpenDirectory(string path)
    {
        var handle = OpenFileCall(path, OpenCloseOnExec, 0);
        if (!handle.IsInvalid) return handle;
        handle.Dispose();
        return null;
    }

    /// <summary>Makes the names in a directory durable. Needed and supported only on Linux.</summary>
    public static void SyncDirectory(string path)
    {
        Watcher.Value?.Invoke("sync", path);
        if (!OperatingSystem.IsLinux()) return;
        var descriptor = OpenCall(path, OpenCloseOnExec);
        if (descriptor < 0) throw Error(Marshal.GetLastPInvokeError(), path);
        var failed = SyncCall(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = CloseCall(descriptor);
        if (failed) throw Error(error, path);
    }

    /// <summary>Flushes the whole file system of a directory: cheaper than a flush for each of many new files.</summary>
    public static void SyncFileSystem(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        var descriptor = OpenCall(path, OpenCloseOnExec);
        if (descriptor < 0) throw Error(Marshal.GetLastPInvokeError(), path);
        var failed = SyncFileSystemCall(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = CloseCall(descriptor);
        if (failed) throw Error(error, path);
    }

    /// <summary>Opens or creates a file and locks it (flock); <paramref name="isLocked"/> is false if another process holds the lock.</summary>
    public static SafeFileHandle OpenLocked(string path, out bool isLocked)
    {
        if (OperatingSystem.IsWindows())
        {
            isLocked = true;
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }

        var handle = OpenFileCall(path, OpenReadWrite | OpenCreate | OpenCloseOnExec | SafeFileReader.NoFollow, PrivateMode);
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

    /// <summary>Locks a directory itself, whatever becomes of the files in it.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="isLocked">False if another process holds the lock.</param>
    /// <returns>The handle that holds the lock; null if another process holds it, or if the file system cannot lock directories (NFS).</returns>
    public static SafeFileHandle? TryLockDirectory(string path, out bool isLocked)
    {
        isLocked = true;
        if (OperatingSystem.IsWindows() || TryOpenDirectory(path) is not { } handle) return null;
        if (LockCall(handle, LockExclusive | LockWithoutWaiting) == 0) return handle;
        isLocked = Marshal.GetLastPInvokeError() != WouldBlock;
        handle.Dispose();
        return null;
    }

    /// <summary>Releases a lock and closes its file. Closing alone leaves it locked as long as a child process that is just starting has a copy of the descriptor.</summary>
    public static void Unlock(SafeFileHandle? file)
    {
        if (file is not null && !OperatingSystem.IsWindows() && !file.IsClosed) _ = LockCall(file, LockEnd);
        file?.Dispose();
    }

    /// <summary>True if the process may write to a file, considering its mode, file system and attributes.</summary>
    public static bool IsWritable(string path)
    {
        const int ToWrite = 2; // W_OK
        return OperatingSystem.IsWindows() || AccessCall(path, ToWrite) == 0;
    }

    /// <summary>Lets other threads go first that have something to do. Only on Linux, where priorities belong to threads.</summary>
    public static void LowerPriorityOfThread()
    {
        const int ofProcessOrThread = 0;
        const int nice = 10;
        if (OperatingSystem.IsLinux()) _ = SetPriorityCall(ofProcessOrThread, 0, nice);
    }

    private static void CopyDurably(string source, string target)
    {
        if (File.Exists(target)) return;
        using var handle = SafeFileReader.Open(source);
        PrivateFile.Copy(handle, target, sync: true);
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

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwnerCall(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFileCall(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriorityCall(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockCall(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AccessCall(string path, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystemCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseCall(int descriptor);
}

namespace MailServer.Storage.SafeFiles;

/// <summary>
/// Gives files that root has created to the user that the server runs as. Works from open directories: a directory that is replaced by a symbolic link
/// meanwhile does not lead anywhere else.
/// </summary>
public static class FileOwnership
{
    private const uint Root = 0;

    /// <summary>The owner of a directory, if this process is root and the directory belongs to another user; otherwise null.</summary>
    public static (uint User, uint Group)? ServiceUserOf(string directory) =>
        !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess && FileStat.Find(directory) is { Kind: FileKind.Directory, User: not Root } found ? (found.User, found.Group) : null;

    /// <summary>
    /// Changes the owner of a file or directory of root, and of the files of root in the directory. Files of other users, files with several names and
    /// symbolic links are left as they are.
    /// </summary>
    /// <param name="path">A file or directory; nothing happens if it does not exist.</param>
    /// <param name="user">The new owner.</param>
    /// <param name="isRecursive">Includes the contents of subdirectories.</param>
    public static void Give(string path, (uint User, uint Group) user, bool isRecursive)
    {
        switch (FileStat.Find(path))
        {
            case { Kind: FileKind.Regular, User: Root, Links: 1 }:
                Posix.ChangeOwner(path, user);
                break;
            case { Kind: FileKind.Directory } found:
                GiveDirectory(path, found, user, isRecursive);
                break;
        }
    }

    private static void GiveDirectory(string path, in FileStat found, (uint User, uint Group) user, bool isRecursive)
    {
        using var directory = Posix.TryOpenDirectory(path);
        if (directory is null || FileStat.Of(directory)?.Identity != found.Identity) return;
        // The names below it are resolved from the open directory.
        var opened = $"/proc/self/fd/{directory.DangerousGetHandle()}";
        foreach (var name in System.IO.Directory.EnumerateFileSystemEntries(opened).ToList())
        {
            if (isRecursive || FileStat.Find(name) is { Kind: FileKind.Regular }) Give(name, user, isRecursive);
            else if (FileStat.Find(name) is { Kind: FileKind.Directory, User: Root }) Posix.ChangeOwner(name, user);
        }

        if (found.User == Root) Posix.ChangeOwner(opened + "/.", user);
    }
}

namespace MailServer.Storage.SafeFiles;

/// <summary>Determines whether a file could be created or appended to, without writing anything.</summary>
public static class AppendAccess
{
    /// <summary>Returns why a file cannot be written, naming the file or folder; null if no reason is known.</summary>
    /// <param name="path">Full path of the file; it and its folders may be missing.</param>
    /// <param name="owned">A file or folder owned by the user who will write; used when root runs the check.</param>
    public static string? FindObstacle(string path, string owned)
    {
        var existing = path;
        while (FileStat.Find(existing) is null)
        {
            if (Path.GetDirectoryName(existing) is not { Length: > 0 } parent) return null;
            existing = parent;
        }

        var place = Resolve(existing);
        if (FileStat.Find(place) is not { } facts) return $"'{existing}' is a dangling symbolic link";
        var isItself = existing == path;
        if (isItself && facts.Kind == FileKind.Directory) return $"'{path}' is a directory";
        if (!isItself && facts.Kind != FileKind.Directory) return $"'{existing}' is not a directory";
        var user = FileStat.Find(Resolve(owned));
        var isAllowed = Environment.IsPrivilegedProcess && user is { User: not 0 } ? MayWrite(facts, user.Value) && Posix.IsWritable(place) : Posix.IsWritable(place);
        if (!isAllowed) return isItself ? $"'{path}' is not writable" : $"'{path}' cannot be created: '{existing}' is not writable";
        return facts.Kind != FileKind.Special && IsFull(place) ? $"the disk of '{path}' is full" : null;
    }

    private static string Resolve(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            // A loop of links, or not a link.
            return path;
        }
    }

    private static bool MayWrite(FileStat place, FileStat user)
    {
        if (place.User == user.User) return place.Mode.HasFlag(UnixFileMode.UserWrite);
        return place.Mode.HasFlag(place.Group == user.Group ? UnixFileMode.GroupWrite : UnixFileMode.OtherWrite);
    }

    private static bool IsFull(string path)
    {
        try
        {
            return new DriveInfo(path).AvailableFreeSpace == 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // If the free space is unknown, assume that the disk is not full.
            return false;
        }
    }
}

namespace MailServer.Storage.SafeFiles;

/// <summary>Whether a file could be made or appended to, found out without writing anything.</summary>
public static class AppendAccess
{
    /// <summary>What keeps a file from being written, in words that name the file or folder; null when nothing is known to.</summary>
    /// <param name="path">The full path of the file, which may be missing, and its folders too.</param>
    /// <param name="owned">A file or folder of the user who will write, for when root asks; its owner is that user.</param>
    public static string? FindObstacle(string path, string owned)
    {
        var existing = path;
        while (FileFacts.Find(existing) is null)
        {
            if (Path.GetDirectoryName(existing) is not { Length: > 0 } parent) return null;
            existing = parent;
        }

        var place = Resolve(existing);
        if (FileFacts.Find(place) is not { } facts) return $"'{existing}' is a link that leads nowhere";
        var isItself = existing == path;
        if (isItself && facts.Kind == FileKind.Directory) return $"'{path}' is a directory";
        if (!isItself && facts.Kind != FileKind.Directory) return $"'{existing}' is not a directory";
        var user = FileFacts.Find(Resolve(owned));
        var isAllowed = Environment.IsPrivilegedProcess && user is { User: not 0 } ? MayWrite(facts, user.Value) && Posix.IsWritable(place) : Posix.IsWritable(place);
        if (!isAllowed) return isItself ? $"'{path}' is not writable" : $"'{path}' cannot be made: '{existing}' is not writable";
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
            // Links in a circle, or no link.
            return path;
        }
    }

    private static bool MayWrite(FileFacts place, FileFacts user)
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
            // Unknown is not full.
            return false;
        }
    }
}

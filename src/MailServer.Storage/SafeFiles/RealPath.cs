namespace MailServer.Storage.SafeFiles;

/// <summary>Names of files as the file system knows them, so that two names of one place can be told to be one.</summary>
public static class RealPath
{
    // As many as Linux follows.
    private const int MaxLinks = 40;

    /// <summary>The absolute path without any symbolic link, also of what does not exist yet. Where links lead in a circle, the path of such a link.</summary>
    public static string Of(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (OperatingSystem.IsWindows()) return Path.GetFullPath(path);
        var ahead = new Stack<string>();
        Push(ahead, Path.Combine(Environment.CurrentDirectory, path));
        var (found, links) = ("/", 0);
        while (ahead.TryPop(out var part))
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                found = Path.GetDirectoryName(found) ?? "/";
                continue;
            }

            var next = Path.Combine(found, part);
            if (links == MaxLinks || new FileInfo(next).LinkTarget is not { Length: > 0 } target)
            {
                found = next;
                continue;
            }

            links++;
            if (Path.IsPathRooted(target)) found = "/";
            Push(ahead, target);
        }

        return found;
    }

    /// <summary>Whether a path is a directory or lies below it, whatever names lead there.</summary>
    public static bool IsWithin(string path, string directory)
    {
        var root = Of(directory);
        var identity = FileFacts.Find(root)?.Identity;
        for (var level = Of(path); level is not null; level = Path.GetDirectoryName(level))
        {
            if (level == root) return true;
            if (identity is { Inode: > 0 } && FileFacts.Find(level)?.Identity == identity) return true;
        }

        return false;
    }

    /// <summary>Names a file or directory itself: equal for two names of one.</summary>
    internal static string IdentityOf(string path, FileFacts facts) => facts.Identity.Inode > 0
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{facts.Identity.Major}:{facts.Identity.Minor}:{facts.Identity.Inode}")
        : Of(path);

    private static void Push(Stack<string> ahead, string path)
    {
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse()) ahead.Push(part);
    }
}

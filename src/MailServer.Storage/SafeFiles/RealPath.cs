namespace MailServer.Storage.SafeFiles;

/// <summary>Canonical paths, to detect that two paths refer to the same place.</summary>
public static class RealPath
{
    // The limit of Linux.
    private const int MaxLinks = 40;

    /// <summary>Returns the absolute path without symbolic links; the path need not exist. For a loop of links, returns the path of a link in it.</summary>
    public static string Of(string path) => Resolve(path, static _ => { });

    /// <summary>The symbolic links that a path goes through, in order.</summary>
    internal static IReadOnlyList<string> LinksOf(string path)
    {
        var links = new List<string>();
        Resolve(path, links.Add);
        return links;
    }

    private static string Resolve(string path, Action<string> follow)
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
            follow(next);
            if (Path.IsPathRooted(target)) found = "/";
            Push(ahead, target);
        }

        return found;
    }

    /// <summary>True if a path is a directory or lies below it, also through links.</summary>
    public static bool IsWithin(string path, string directory)
    {
        var root = Of(directory);
        var identity = FileStat.Find(root)?.Identity;
        for (var level = Of(path); level is not null; level = Path.GetDirectoryName(level))
        {
            if (level == root) return true;
            if (identity is { Inode: > 0 } && FileStat.Find(level)?.Identity == identity) return true;
        }

        return false;
    }

    /// <summary>Returns a key that is equal for all names of the same file or directory.</summary>
    internal static string IdentityOf(string path, FileStat facts) => facts.Identity.Inode > 0
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{facts.Identity.Major}:{facts.Identity.Minor}:{facts.Identity.Inode}")
        : Of(path);

    private static void Push(Stack<string> ahead, string path)
    {
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse()) ahead.Push(part);
    }
}

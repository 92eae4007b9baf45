using System.Globalization;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.Backup;

/// <summary>
/// Where backups lie: one folder each, named by its time, every one complete for itself; what did not change between them is one file with several
/// names. A backup that is being made has a name with a dot in front, and becomes visible when it is whole.
/// </summary>
public sealed class BackupFolder(string path)
{
    private const string Partial = ".partial-";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    public string Path => path;

    /// <summary>The names of the complete backups, oldest first.</summary>
    public IReadOnlyList<string> List() => System.IO.Directory.Exists(path)
        ? [.. System.IO.Directory.EnumerateDirectories(path).Select(d => System.IO.Path.GetFileName(d)!).Where(IsName).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The folder of one backup: by its name, or the newest.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public string Find(string? name)
    {
        var all = List();
        var found = name is null ? (all.Count > 0 ? all[^1] : null) : all.FirstOrDefault(n => n == name);
        if (found is not null) return System.IO.Path.Combine(path, found);
        throw new FileNotFoundException(all.Count == 0 ? $"there is no backup in {path}" : $"there is no backup '{name}' in {path}; there are {string.Join(", ", all)}");
    }

    /// <summary>A new folder to fill; what an interrupted run left is removed.</summary>
    internal string Begin(DateTimeOffset now)
    {
        Posix.CreatePrivateDirectory(path);
        foreach (var left in System.IO.Directory.EnumerateDirectories(path, Partial + "*")) System.IO.Directory.Delete(left, recursive: true);
        var made = List();
        // Two in one second: the later one is called by the next.
        while (made.Contains(NameOf(now), StringComparer.Ordinal)) now = now.AddSeconds(1);
        var name = NameOf(now);
        var partial = System.IO.Path.Combine(path, Partial + name);
        Posix.CreatePrivateDirectory(partial);
        return partial;
    }

    /// <summary>Makes a filled folder a backup, durably.</summary>
    internal string Complete(string partial)
    {
        var name = System.IO.Path.GetFileName(partial)[Partial.Length..];
        Posix.SyncFileSystem(partial);
        System.IO.Directory.Move(partial, System.IO.Path.Combine(path, name));
        Posix.SyncDirectory(path);
        return name;
    }

    /// <summary>Removes the oldest beyond <paramref name="keep"/>; the names of those removed.</summary>
    public IReadOnlyList<string> Prune(int keep)
    {
        var surplus = List().SkipLast(Math.Max(1, keep)).ToArray();
        foreach (var name in surplus)
        {
            // A removal that is interrupted must not leave half a backup that looks like one.
            var aside = System.IO.Path.Combine(path, Partial + name);
            System.IO.Directory.Move(System.IO.Path.Combine(path, name), aside);
            System.IO.Directory.Delete(aside, recursive: true);
        }

        return surplus;
    }

    private static string NameOf(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static bool IsName(string name) =>
        DateTime.TryParseExact(name, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
}

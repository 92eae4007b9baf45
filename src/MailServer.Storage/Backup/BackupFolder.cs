using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>One complete backup.</summary>
/// <param name="Name">Its folder.</param>
/// <param name="Counter">Higher than that of every backup made before it; 0 for one of an older version, null when its list cannot be read.</param>
/// <param name="Date">When it was made, as the clock had it.</param>
public sealed record KnownBackup(string Name, long? Counter, DateTimeOffset Date);

/// <summary>What was removed, and what could not be.</summary>
public sealed record PruneOutcome(IReadOnlyList<string> Removed, IReadOnlyList<string> Failed);

/// <summary>
/// Where backups lie: one folder each, named by its time, every one complete for itself; what did not change between them is one file with several
/// names. A backup that is being made has a name with a dot in front, and becomes visible when it is whole. Their order is that of their counters:
/// clocks go wrong.
/// </summary>
public sealed class BackupFolder(string path)
{
    private const string Partial = ".partial-";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    // Two in one second get names of two seconds.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(5);

    public string Path => path;

    /// <summary>The complete backups, the newest last; those whose lists cannot be read come first.</summary>
    public IReadOnlyList<KnownBackup> List() =>
    [
        .. Names().Select(name => new KnownBackup(name, BackupManifest.CounterOf(System.IO.Path.Combine(path, name)), DateOf(name)))
            .OrderBy(static b => b.Counter ?? -1).ThenBy(static b => b.Name, StringComparer.Ordinal),
    ];

    /// <summary>The folder of one backup: by its name, or the newest whose list can be read.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public string Find(string? name)
    {
        var all = List();
        var found = name is null ? all.LastOrDefault(static b => b.Counter is not null) : all.FirstOrDefault(b => b.Name == name);
        if (found is not null) return System.IO.Path.Combine(path, found.Name);
        throw new FileNotFoundException(
            all.Count == 0 ? $"there is no backup in {path}"
            : name is null ? $"there is no backup in {path} with a readable {BackupManifest.FileName}; name one of {Names(all)}"
            : $"there is no backup '{name}' in {path}; there are {Names(all)}");
    }

    /// <summary>What an administrator should know of the backups: dates that cannot be right, lists that cannot be read.</summary>
    public IReadOnlyList<string> FindOddities(DateTimeOffset now)
    {
        var odd = new List<string>();
        var all = List();
        for (var i = 0; i < all.Count; i++)
        {
            var backup = all[i];
            if (backup.Counter is null)
                odd.Add($"{backup.Name}: its {BackupManifest.FileName} is missing or cannot be read; it is not restored unless named, and not removed by --keep");
            else if (backup.Date > now + s_tolerance)
                odd.Add($"{backup.Name} is dated in the future; backups are ordered by their numbers, not by their dates");
            else if (all.Skip(i + 1).FirstOrDefault(b => b.Date < backup.Date) is { } later)
                odd.Add($"{backup.Name} was made before {later.Name}, in spite of its date; backups are ordered by their numbers, not by their dates");
        }

        return odd;
    }

    /// <summary>Removes the oldest beyond <paramref name="keep"/>, never the one that was just made.</summary>
    public PruneOutcome Prune(int keep, string made)
    {
        var (removed, failed) = (new List<string>(), new List<string>());
        foreach (var name in List().Where(static b => b.Counter is not null).SkipLast(Math.Max(1, keep)).Select(static b => b.Name).Where(n => n != made))
        {
            try
            {
                // A removal that is interrupted must not leave half a backup that looks like one.
                var aside = System.IO.Path.Combine(path, Partial + name);
                Remove(aside);
                System.IO.Directory.Move(System.IO.Path.Combine(path, name), aside);
                Remove(aside);
                removed.Add(name);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failed.Add($"{name} could not be removed: {e.Message}");
            }
        }

        return new PruneOutcome(removed, failed);
    }

    /// <summary>Whether a directory is a backup, complete or not.</summary>
    internal static bool IsBackup(string directory)
    {
        var name = System.IO.Path.GetFileName(directory);
        return name.StartsWith(Partial, StringComparison.Ordinal)
            ? IsName(name[Partial.Length..])
            : IsName(name) && File.Exists(System.IO.Path.Combine(directory, BackupManifest.FileName));
    }

    /// <summary>Removes what interrupted runs left; tells what cannot be removed.</summary>
    internal IReadOnlyList<string> RemovePartial()
    {
        var failed = new List<string>();
        if (!System.IO.Directory.Exists(path)) return failed;
        foreach (var left in System.IO.Directory.GetDirectories(path, Partial + "*"))
        {
            try
            {
                Remove(left);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failed.Add($"{left} is left from an interrupted backup and cannot be removed: {e.Message}");
            }
        }

        return failed;
    }

    /// <summary>A new folder to fill.</summary>
    internal string Begin(DateTimeOffset now)
    {
        Posix.CreatePrivateDirectory(path);
        // Two in one second: the later one is called by the next.
        while (System.IO.Path.Exists(System.IO.Path.Combine(path, NameOf(now))) || System.IO.Path.Exists(System.IO.Path.Combine(path, Partial + NameOf(now)))) now = now.AddSeconds(1);
        var partial = System.IO.Path.Combine(path, Partial + NameOf(now));
        Posix.CreatePrivateDirectory(partial);
        Posix.GiveToOwnerOf(partial, path);
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

    internal static void Remove(string directory)
    {
        if (System.IO.Directory.Exists(directory)) System.IO.Directory.Delete(directory, recursive: true);
    }

    private static string Names(IReadOnlyList<KnownBackup> all) => string.Join(", ", all.Select(static b => b.Name));

    private static string NameOf(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static DateTimeOffset DateOf(string name) => DateTimeOffset.ParseExact(name, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static bool IsName(string name) =>
        DateTimeOffset.TryParseExact(name, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private IEnumerable<string> Names() => System.IO.Directory.Exists(path)
        ? System.IO.Directory.EnumerateDirectories(path).Select(d => System.IO.Path.GetFileName(d)!).Where(IsName)
        : [];
}

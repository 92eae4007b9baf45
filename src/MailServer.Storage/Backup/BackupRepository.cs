using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>A complete backup.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="Counter">Higher than the counter of every earlier backup; 0 for a backup of an older version, null if its manifest is unreadable.</param>
/// <param name="Date">Time of the backup according to its name.</param>
public sealed record BackupInfo(string Name, long? Counter, DateTimeOffset Date);

/// <summary>The removed backups, and those that could not be removed, with the reason.</summary>
public sealed record PruneOutcome(IReadOnlyList<string> Removed, IReadOnlyList<string> Failed);

/// <summary>
/// The directory that contains the backups. Each backup is a self-contained folder named after its time; unchanged files are shared as hard links. A backup
/// in progress has a name with a leading dot and is renamed when it is complete. Backups are ordered by their counters, because clocks can be wrong.
/// </summary>
public sealed class BackupRepository(string path)
{
    private const string Partial = ".partial-";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    // Backups started in the same second get the names of consecutive seconds.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    public string Path => path;

    /// <summary>Lists the complete backups, newest last; those with an unreadable manifest come first.</summary>
    public IReadOnlyList<BackupInfo> List() =>
    [
        .. Names().Select(name => new BackupInfo(name, BackupManifest.CounterOf(System.IO.Path.Combine(path, name)), DateOf(name)))
            .OrderBy(static b => b.Counter ?? -1).ThenBy(static b => b.Name, StringComparer.Ordinal),
    ];

    /// <summary>Finds a backup by name, or the newest one with a readable manifest if null.</summary>
    /// <exception cref="FileNotFoundException">There is no such backup.</exception>
    public string Find(string? name)
    {
        var all = List();
        var found = name is null ? all.LastOrDefault(static b => b.Counter is not null) : all.FirstOrDefault(b => b.Name == name);
        if (found is not null) return System.IO.Path.Combine(path, found.Name);
        throw new FileNotFoundException(
            all.Count == 0 ? $"there is no backup in {path}"
            : name is null ? $"there is no backup in {path} with a readable {BackupManifest.FileName}; specify one of {Names(all)}"
            : $"there is no backup '{name}' in {path}; available: {Names(all)}");
    }

    /// <summary>Returns warnings about the backups: implausible dates, unreadable manifests.</summary>
    public IReadOnlyList<string> FindAnomalies(DateTimeOffset now)
    {
        var odd = new List<string>();
        var all = List();
        for (var i = 0; i < all.Count; i++)
        {
            var backup = all[i];
            if (backup.Counter is null)
                odd.Add($"{backup.Name}: its {BackupManifest.FileName} is missing or unreadable; the backup is restored only when named, and never removed by --keep");
            else if (backup.Date > now + Tolerance)
                odd.Add($"{backup.Name} is dated in the future; backups are ordered by number, not by date");
            else if (all.Skip(i + 1).FirstOrDefault(b => b.Date < backup.Date) is { } later)
                odd.Add($"{backup.Name} was made before {later.Name} despite its date; backups are ordered by number, not by date");
        }

        return odd;
    }

    /// <summary>Removes the oldest backups beyond <paramref name="keep"/>, but never the one just made.</summary>
    public PruneOutcome Prune(int keep, string made)
    {
        var (removed, failed) = (new List<string>(), new List<string>());
        foreach (var name in List().Where(static b => b.Counter is not null).SkipLast(Math.Max(1, keep)).Select(static b => b.Name).Where(n => n != made))
        {
            try
            {
                // Renamed first, so that an interrupted removal does not leave an incomplete backup that looks complete.
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

    /// <summary>True if a directory is a backup, complete or not.</summary>
    internal static bool IsBackup(string directory)
    {
        var name = System.IO.Path.GetFileName(directory);
        return name.StartsWith(Partial, StringComparison.Ordinal)
            ? IsName(name[Partial.Length..])
            : IsName(name) && File.Exists(System.IO.Path.Combine(directory, BackupManifest.FileName));
    }

    /// <summary>Removes incomplete backups of interrupted runs; returns those that cannot be removed.</summary>
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

    /// <summary>Creates a folder for a new backup.</summary>
    internal string Begin(DateTimeOffset now)
    {
        Posix.CreatePrivateDirectory(path);
        // A second backup in the same second gets the name of the next second.
        while (System.IO.Path.Exists(System.IO.Path.Combine(path, NameOf(now))) || System.IO.Path.Exists(System.IO.Path.Combine(path, Partial + NameOf(now)))) now = now.AddSeconds(1);
        var partial = System.IO.Path.Combine(path, Partial + NameOf(now));
        Posix.CreatePrivateDirectory(partial);
        Posix.GiveToOwnerOf(partial, path);
        return partial;
    }

    /// <summary>Completes a backup: makes its content durable and renames its folder.</summary>
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

    private static string Names(IReadOnlyList<BackupInfo> all) => string.Join(", ", all.Select(static b => b.Name));

    private static string NameOf(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static DateTimeOffset DateOf(string name) => DateTimeOffset.ParseExact(name, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static bool IsName(string name) =>
        DateTimeOffset.TryParseExact(name, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private IEnumerable<string> Names() => System.IO.Directory.Exists(path)
        ? System.IO.Directory.EnumerateDirectories(path).Select(d => System.IO.Path.GetFileName(d)!).Where(IsName)
        : [];
}

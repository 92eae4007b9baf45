using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Backup;
using MailServer.Storage.Maildir;
using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>
/// Restores a backup to the paths of an installation. It never overwrites existing files,
/// verifies every file against the manifest while copying, and leaves nothing behind if it fails.
/// </summary>
public sealed class BackupRestorer(string backup, BackupPaths places)
{
    /// <summary>Marker file in a data directory while a restore is in progress; an interrupted restore leaves it behind.</summary>
    internal const string MarkName = "restore.incomplete";

    /// <summary>True if the backup contains the shared database of a cluster.</summary>
    public bool IsOfCluster => System.IO.Directory.Exists(DatabasePath);

    private string DatabasePath => Path.Combine(backup, DatabaseDump.Folder);

    private string Mark => Path.Combine(places.DataDirectory, MarkName);

    /// <summary>Throws if an interrupted restore has left a data directory incomplete.</summary>
    /// <exception cref="InvalidDataException">The data directory is incomplete.</exception>
    public static void RefuseIncomplete(string dataDirectory)
    {
        if (File.Exists(Path.Combine(dataDirectory, MarkName)))
            throw new InvalidDataException($"{dataDirectory} is incomplete because a restore was interrupted; run 'mailserver restore' again");
    }

    /// <summary>Returns why the backup cannot be restored to these paths; null if it can.</summary>
    public string? FindConflict()
    {
        var inside = new[] { places.DataDirectory, places.MaildirDirectory, places.DatabaseFile }.FirstOrDefault(place => RealPath.IsWithin(place, backup));
        return inside is null ? places.FindUnsafeLink() : $"{inside} is inside the backup {backup}; configure a different path";
    }

    /// <summary>Returns a path that is not empty and therefore prevents a full restore; null if there is none.</summary>
    public string? FindObstacle()
    {
        // Leftovers of an interrupted restore are overwritten.
        if (!File.Exists(Mark))
        {
            if (File.Exists(places.DatabaseFile)) return places.DatabaseFile;
            foreach (var directory in Filled)
                if (Entries(directory).Any(HasFiles)) return directory;
        }

        if (places.Shared is null) return null;
        using var database = places.Shared();
        return new DatabaseDump(database).FindObstacle() is { } table ? $"the table '{table}' of {database.Name}" : null;
    }

    /// <summary>Restores the whole backup, or nothing.</summary>
    /// <param name="skipDamaged">Restore the intact files even if others are damaged.</param>
    /// <param name="progress">Receives the progress after each file.</param>
    /// <param name="cancel">Cancels the restore; nothing remains.</param>
    /// <exception cref="IOException">The paths are not writable; nothing remains.</exception>
    public RestoreOutcome RestoreAll(bool skipDamaged, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        // Existing files would be mistaken for files of this restore and removed if it fails.
        if (places.FindUnsafeLink() is { } link) throw new IOException(link);
        if (FindObstacle() is { } obstacle) throw new IOException($"{obstacle} is not empty");
        MakeDirectory(places.DataDirectory);
        if (File.Exists(Mark)) RemoveLeftovers();
        StateFile.Replace(Mark, [], sync: true);
        var isDone = false;
        try
        {
            var outcome = Fill(skipDamaged, progress, cancel);
            isDone = outcome.IsDone;
            return outcome;
        }
        finally
        {
            if (!isDone) RemoveLeftovers();
            Posix.TryUnlink(Mark);
            Posix.SyncDirectory(places.DataDirectory);
        }
    }

    /// <summary>Restores the mail, calendars and contacts of one account to an account whose folder must not exist.</summary>
    /// <exception cref="IOException">The folder exists already.</exception>
    public RestoreOutcome RestoreAccount(AccountId from, AccountId to, bool skipDamaged, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"maildir/user_{from.Value}/");
        var target = Directory.AccountFolder.PathOf(places.MaildirDirectory, to);
        if (places.FindUnsafeLink() is { } link) throw new IOException(link);
        if (FileStat.Find(target) is not null) throw new IOException($"{target} exists; move it away first");
        // Restored to a temporary folder and renamed when complete, so that an interrupted restore leaves no incomplete account.
        var partial = Path.Combine(places.MaildirDirectory, ".restoring_" + Path.GetFileName(target));
        BackupRepository.Remove(partial);
        try
        {
            var entries = ReadList(out var damaged).Where(e => e.Path.StartsWith(prefix, StringComparison.Ordinal) && e.Path != prefix + Directory.FolderOwner.FileName).ToArray();
            // If the manifest is damaged, the missing lines may belong to any account.
            CopyAll(entries, path => Path.Combine(partial, path[prefix.Length..]), damaged, progress, cancel);
            if (!IsGoodEnough(damaged, entries, skipDamaged)) return new RestoreOutcome(false, damaged, []);
            MakeDirectory(partial);
            MakeFolders(Path.Combine(backup, prefix), partial);
            Posix.SyncFileSystem(partial);
            System.IO.Directory.Move(partial, target);
            Posix.SyncDirectory(places.MaildirDirectory);
            return new RestoreOutcome(true, damaged, []);
        }
        finally
        {
            BackupRepository.Remove(partial);
        }
    }

    private IEnumerable<string> Filled => [places.DataDirectory, places.MaildirDirectory, places.SpoolDirectory];

    private RestoreOutcome Fill(bool skipDamaged, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        foreach (var directory in Filled) MakeDirectory(directory);
        var entries = ReadList(out var damaged);
        CopyAll([.. entries.Where(static e => !IsElsewhere(e.Path))], PlaceOf, damaged, progress, cancel);
        var isDatabaseDamaged = FindDamagedTables(entries, damaged);
        if (!IsGoodEnough(damaged, entries, skipDamaged) || isDatabaseDamaged) return new RestoreOutcome(false, damaged, []);
        MakeFolders(Path.Combine(backup, "maildir"), places.MaildirDirectory);
        foreach (var directory in Filled) Posix.SyncFileSystem(directory);
        RestoreShared();
        return new RestoreOutcome(true, damaged, [.. entries.Where(static e => e.Path.StartsWith("others/", StringComparison.Ordinal)).Select(e => Path.Combine(backup, e.Path))]);
    }

    /// <summary>If no line of the manifest is readable, no file can be verified.</summary>
    private static bool IsGoodEnough(List<string> damaged, BackupEntry[] entries, bool skipDamaged) => damaged.Count == 0 || (skipDamaged && entries.Length > 0);

    /// <summary>Restores the shared database, whose tables must exist and be empty, in one transaction.</summary>
    private void RestoreShared()
    {
        if (places.Shared is null) return;
        using var database = places.Shared();
        new DatabaseDump(database).Read(DatabasePath);
    }

    /// <summary>Tables of the shared database refer to each other, so they are restored completely or not at all.</summary>
    private bool FindDamagedTables(IEnumerable<BackupEntry> entries, List<string> damaged)
    {
        if (places.Shared is null) return false;
        using var reader = new HashingCopier();
        var before = damaged.Count;
        foreach (var entry in entries.Where(static e => e.Path.StartsWith(DatabaseDump.Folder + "/", StringComparison.Ordinal)))
            if (reader.FindDamage(backup, entry) is { } damage) damaged.Add($"{entry.Path}: {damage}");
        return damaged.Count > before;
    }

    private BackupEntry[] ReadList(out List<string> damaged)
    {
        var problems = damaged = [];
        try
        {
            return [.. BackupManifest.Read(backup, problems.Add)];
        }
        catch (Exception e) when (BackupManifest.IsUnreadable(e))
        {
            problems.Add(e.Message);
            return [];
        }
    }

    private void CopyAll(BackupEntry[] entries, Func<string, string> place, List<string> damaged, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var at = new BackupProgress("restoring", 0, entries.Length, 0);
        var targets = new HashSet<string>(StringComparer.Ordinal);
        using var copy = new HashingCopier();
        foreach (var entry in entries)
        {
            cancel.ThrowIfCancellationRequested();
            var target = place(entry.Path);
            if (!targets.Add(target)) damaged.Add($"{entry.Path}: another file of the backup is already restored to {target}");
            else if (FindDamageWhileCopying(copy, entry, target) is { } damage) damaged.Add($"{entry.Path}: {damage}");
            progress?.Report(at = at with { Done = at.Done + 1, Bytes = at.Bytes + entry.Size });
        }
    }

    private string? FindDamageWhileCopying(HashingCopier copy, BackupEntry entry, string target)
    {
        var isMade = false;
        var damage = copy.FindDamage(backup, entry, () =>
        {
            MakeDirectory(Path.GetDirectoryName(target)!);
            var made = PrivateFile.Create(target);
            isMade = true;
            Posix.GiveToOwnerOf(target, places.DataDirectory);
            return made;
        });
        if (damage is not null && isMade) Posix.TryUnlink(target);
        return damage;
    }

    /// <summary>Creates a directory owned by the server's user, because the restore may run as root.</summary>
    private void MakeDirectory(string directory)
    {
        // The places themselves contain no links, so a link here was made in the meantime.
        if (FileStat.Find(directory) is { Kind: var kind })
        {
            if (kind != FileKind.Directory) throw new IOException($"{directory} is not a directory");
            return;
        }

        if (Path.GetDirectoryName(directory) is { } parent) MakeDirectory(parent);
        Posix.CreatePrivateDirectory(directory);
        Posix.GiveToOwnerOf(directory, System.IO.Directory.Exists(places.DataDirectory) ? places.DataDirectory : Path.GetDirectoryName(directory)!);
    }

    private static IEnumerable<string> Entries(string directory) => System.IO.Directory.Exists(directory) ? System.IO.Directory.EnumerateFileSystemEntries(directory) : [];

    /// <summary>True for entries that may exist before a restore and are kept: the lock, the log, entries of the file system, links to the restored paths, and the path to the backup itself.</summary>
    private bool IsKept(string entry)
    {
        if (Path.GetFileName(entry) is DataDirectoryLock.FileName or MarkName || places.IsOfFileSystem(entry) || places.IsLog(entry) || entry == Path.Combine(places.DataDirectory, "node")) return true;
        if (FileStat.Find(entry) is { Kind: FileKind.SymbolicLink } && RealPath.Of(entry) is var target && (Filled.Contains(target) || target == places.DatabaseFile)) return true;
        return RealPath.IsWithin(backup, entry);
    }

    private bool HasFiles(string entry) => !IsKept(entry) && (!SafeFileReader.IsDirectory(entry) || Entries(entry).Any(HasFiles));

    /// <summary>Removes everything that this restore or an interrupted one has written. The marker file shows that all other files came from a backup.</summary>
    private void RemoveLeftovers()
    {
        Posix.TryUnlink(places.DatabaseFile);
        foreach (var entry in Filled.Reverse().SelectMany(Entries).Where(e => !IsKept(e)).ToArray())
        {
            if (SafeFileReader.IsDirectory(entry)) BackupRepository.Remove(entry);
            else Posix.TryUnlink(entry);
        }
    }

    private static bool IsElsewhere(string path) =>
        path.StartsWith("others/", StringComparison.Ordinal) || path.StartsWith(DatabaseDump.Folder + "/", StringComparison.Ordinal);

    private string PlaceOf(string path) => path switch
    {
        "mail.db" => places.DatabaseFile,
        _ when path.StartsWith("maildir/", StringComparison.Ordinal) => Path.Combine(places.MaildirDirectory, path["maildir/".Length..]),
        _ when path.StartsWith("spool/", StringComparison.Ordinal) => Path.Combine(places.SpoolDirectory, path["spool/".Length..]),
        _ => Path.Combine(places.DataDirectory, path),
    };

    /// <summary>Creates empty folders, which have no files in the manifest.</summary>
    private void MakeFolders(string from, string to)
    {
        if (!SafeFileReader.IsDirectory(from)) return;
        foreach (var directory in SafeFileReader.Directories(from))
        {
            var made = Path.Combine(to, Path.GetFileName(directory));
            MakeDirectory(made);
            MakeFolders(directory, made);
        }
    }
}

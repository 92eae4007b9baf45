using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Backup;
using MailServer.Storage.Maildir;
using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>
/// Puts a backup back where an installation expects it. It never writes over what is there, compares every file with the list while it copies, and
/// leaves nothing behind when it ends early.
/// </summary>
public sealed class BackupRestore(string backup, BackupPlaces places)
{
    /// <summary>Is in a data directory while a restore fills it; one that was interrupted leaves it behind.</summary>
    internal const string MarkName = "restore.incomplete";

    /// <summary>The backup is of nodes that share a database.</summary>
    public bool IsOfCluster => System.IO.Directory.Exists(DatabasePath);

    private string DatabasePath => Path.Combine(backup, DatabaseDump.Folder);

    private string Mark => Path.Combine(places.DataDirectory, MarkName);

    /// <summary>Refuses a data directory that an interrupted restore has left incomplete.</summary>
    /// <exception cref="InvalidDataException">It is incomplete.</exception>
    public static void RefuseIncomplete(string dataDirectory)
    {
        if (File.Exists(Path.Combine(dataDirectory, MarkName)))
            throw new InvalidDataException($"{dataDirectory} is incomplete: a restore into it was interrupted; run 'mailserver restore' again");
    }

    /// <summary>Why the backup cannot be restored to these places at all; null when it can.</summary>
    public string? FindConflict()
    {
        var inside = new[] { places.DataDirectory, places.MaildirDirectory, places.DatabaseFile }.FirstOrDefault(place => RealPath.IsWithin(place, backup));
        return inside is null ? null : $"{inside} is inside the backup {backup}: name another place in the configuration";
    }

    /// <summary>What stands in the way of a whole restore; null when the places are empty.</summary>
    public string? FindObstacle()
    {
        // What an interrupted restore left is ours, and is written again.
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

    /// <summary>Restores everything, or nothing.</summary>
    /// <param name="skipDamaged">Restore all that is good when something is damaged.</param>
    /// <param name="progress">Told after each file.</param>
    /// <param name="cancel">Ends it; nothing is left then.</param>
    /// <exception cref="IOException">The places cannot be written; nothing is left there.</exception>
    public RestoreOutcome RestoreAll(bool skipDamaged, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        // What is there would be taken for something that this restore has written, and removed when it fails.
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

    /// <summary>Restores the mail, calendars and contacts of one account into the place of another, which must be empty.</summary>
    /// <exception cref="IOException">There is something already.</exception>
    public RestoreOutcome RestoreAccount(AccountId from, AccountId to, bool skipDamaged, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"maildir/user_{from.Value}/");
        var target = Directory.AccountFolder.PathOf(places.MaildirDirectory, to);
        if (System.IO.Directory.Exists(target)) throw new IOException($"{target} exists: move it away first");
        // Filled beside its place and moved there when it is whole: an interrupted restore leaves no half account.
        var partial = Path.Combine(places.MaildirDirectory, ".restoring_" + Path.GetFileName(target));
        BackupFolder.Remove(partial);
        try
        {
            var entries = ReadList(out var damaged).Where(e => e.Path.StartsWith(prefix, StringComparison.Ordinal) && e.Path != prefix + Directory.FolderOwner.FileName).ToArray();
            // Where the list is damaged, nobody knows whose the missing lines are.
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
            BackupFolder.Remove(partial);
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

    /// <summary>Without any line of the list nothing is known to be good.</summary>
    private static bool IsGoodEnough(List<string> damaged, BackupEntry[] entries, bool skipDamaged) => damaged.Count == 0 || (skipDamaged && entries.Length > 0);

    /// <summary>Restores the shared database, whose tables are there and empty: all of it or nothing.</summary>
    private void RestoreShared()
    {
        if (places.Shared is null) return;
        using var database = places.Shared();
        new DatabaseDump(database).Read(DatabasePath);
    }

    /// <summary>Tables of a shared database refer to each other: some of them are as good as none.</summary>
    private bool FindDamagedTables(IEnumerable<BackupEntry> entries, List<string> damaged)
    {
        if (places.Shared is null) return false;
        using var reader = new HashedCopy();
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
        using var copy = new HashedCopy();
        foreach (var entry in entries)
        {
            cancel.ThrowIfCancellationRequested();
            var target = place(entry.Path);
            if (!targets.Add(target)) damaged.Add($"{entry.Path}: would be restored to {target}, where another file of the backup belongs");
            else if (FindDamageWhileCopying(copy, entry, target) is { } damage) damaged.Add($"{entry.Path}: {damage}");
            progress?.Report(at = at with { Done = at.Done + 1, Bytes = at.Bytes + entry.Size });
        }
    }

    private string? FindDamageWhileCopying(HashedCopy copy, BackupEntry entry, string target)
    {
        var isMade = false;
        var damage = copy.FindDamage(backup, entry, () =>
        {
            MakeDirectory(Path.GetDirectoryName(target)!);
            var made = OwnFile.Create(target);
            isMade = true;
            Posix.GiveToOwnerOf(target, places.DataDirectory);
            return made;
        });
        if (damage is not null && isMade) Posix.TryUnlink(target);
        return damage;
    }

    /// <summary>The restore may be run by root, and the server must be able to read it.</summary>
    private void MakeDirectory(string directory)
    {
        if (System.IO.Directory.Exists(directory)) return;
        if (Path.GetDirectoryName(directory) is { } parent) MakeDirectory(parent);
        Posix.CreatePrivateDirectory(directory);
        Posix.GiveToOwnerOf(directory, System.IO.Directory.Exists(places.DataDirectory) ? places.DataDirectory : Path.GetDirectoryName(directory)!);
    }

    private static IEnumerable<string> Entries(string directory) => System.IO.Directory.Exists(directory) ? System.IO.Directory.EnumerateFileSystemEntries(directory) : [];

    /// <summary>What was there before a restore and stays: the lock, the log, what belongs to the file system, links to the places that are filled, and the way to the backup itself.</summary>
    private bool IsKept(string entry)
    {
        if (Path.GetFileName(entry) is DataLock.FileName or MarkName || places.IsOfFileSystem(entry) || places.IsLog(entry) || entry == Path.Combine(places.DataDirectory, "node")) return true;
        if (FileFacts.Find(entry) is { Kind: FileKind.SymbolicLink } && RealPath.Of(entry) is var target && (Filled.Contains(target) || target == places.DatabaseFile)) return true;
        return RealPath.IsWithin(backup, entry);
    }

    private bool HasFiles(string entry) => !IsKept(entry) && (!ForeignFile.IsDirectory(entry) || Entries(entry).Any(HasFiles));

    /// <summary>Removes what this restore, or one that was interrupted, has written: its mark says that everything here came from a backup.</summary>
    private void RemoveLeftovers()
    {
        Posix.TryUnlink(places.DatabaseFile);
        foreach (var entry in Filled.Reverse().SelectMany(Entries).Where(e => !IsKept(e)).ToArray())
        {
            if (ForeignFile.IsDirectory(entry)) BackupFolder.Remove(entry);
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

    /// <summary>Folders without messages have no files in the list.</summary>
    private void MakeFolders(string from, string to)
    {
        if (!ForeignFile.IsDirectory(from)) return;
        foreach (var directory in ForeignFile.Directories(from))
        {
            var made = Path.Combine(to, Path.GetFileName(directory));
            MakeDirectory(made);
            MakeFolders(directory, made);
        }
    }
}

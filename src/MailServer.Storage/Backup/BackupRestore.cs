using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Backup;
using MailServer.Storage.Maildir;
using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>Puts a backup back where an installation expects it. It never writes over what is there.</summary>
public sealed class BackupRestore(string backup, BackupPlaces places)
{
    /// <summary>The backup is of nodes that share a database.</summary>
    public bool IsOfCluster => System.IO.Directory.Exists(DatabasePath);

    private string DatabasePath => Path.Combine(backup, DatabaseDump.Folder);

    /// <summary>Is in a data directory while a restore fills it; one that was interrupted leaves it behind.</summary>
    private string Mark => MarkIn(places.DataDirectory);

    /// <summary>Refuses a data directory that an interrupted restore has left incomplete.</summary>
    /// <exception cref="InvalidDataException">It is incomplete.</exception>
    public static void RefuseIncomplete(string dataDirectory)
    {
        if (File.Exists(MarkIn(dataDirectory)))
            throw new InvalidDataException($"{dataDirectory} is incomplete: a restore into it was interrupted; run 'mailserver restore' again");
    }

    private static string MarkIn(string dataDirectory) => Path.Combine(dataDirectory, "restore.incomplete");

    /// <summary>What stands in the way of a whole restore; null when the places are empty.</summary>
    public string? FindObstacle()
    {
        // What an interrupted restore left is ours, and is written again.
        if (!File.Exists(Mark))
        {
            if (File.Exists(places.DatabaseFile)) return places.DatabaseFile;
            foreach (var directory in new[] { places.DataDirectory, places.MaildirDirectory })
                if (System.IO.Directory.Exists(directory) && System.IO.Directory.EnumerateFileSystemEntries(directory).Any(static e => !IsOurs(e))) return directory;
        }

        if (places.Shared is null) return null;
        using var database = places.Shared();
        return new DatabaseDump(database).FindObstacle() is { } table ? $"the table '{table}' of {database.Name}" : null;
    }

    /// <summary>Restores the shared database, whose tables are there and empty: all of it or nothing.</summary>
    public void RestoreShared()
    {
        using var database = places.Shared!();
        new DatabaseDump(database).Read(DatabasePath);
    }

    /// <summary>Restores everything; returns where files of <see cref="BackupPlaces.Others"/> lie, which stay in the backup.</summary>
    public IReadOnlyList<string> RestoreAll(IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        Posix.CreatePrivateDirectory(places.DataDirectory);
        if (File.Exists(Mark)) RemoveLeftovers();
        StateFile.Replace(Mark, [], sync: true);
        Posix.CreatePrivateDirectory(places.MaildirDirectory);
        Posix.CreatePrivateDirectory(places.SpoolDirectory);
        var entries = BackupManifest.Read(backup).ToArray();
        CopyAll(entries.Where(static e => !IsElsewhere(e.Path)), progress, cancel);
        MakeFolders(Path.Combine(backup, "maildir"), places.MaildirDirectory);
        Posix.SyncFileSystem(places.DataDirectory);
        Posix.SyncFileSystem(places.MaildirDirectory);
        Posix.TryUnlink(Mark);
        Posix.SyncDirectory(places.DataDirectory);
        return [.. entries.Where(static e => e.Path.StartsWith("others/", StringComparison.Ordinal)).Select(e => Path.Combine(backup, e.Path))];
    }

    /// <summary>Restores the mail, calendars and contacts of one account into the place of another, which must be empty.</summary>
    /// <exception cref="IOException">There is something already.</exception>
    public void RestoreAccount(AccountId from, AccountId to, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"maildir/user_{from.Value}/");
        var target = Directory.AccountFolder.PathOf(places.MaildirDirectory, to);
        if (System.IO.Directory.Exists(target)) throw new IOException($"{target} exists: move it away first");
        // Filled beside its place and moved there when it is whole: an interrupted restore leaves no half account.
        var partial = Path.Combine(places.MaildirDirectory, ".restoring_" + Path.GetFileName(target));
        if (System.IO.Directory.Exists(partial)) System.IO.Directory.Delete(partial, recursive: true);
        CopyAll(
            BackupManifest.Read(backup).Where(e => e.Path.StartsWith(prefix, StringComparison.Ordinal) && e.Path != prefix + Directory.FolderOwner.FileName), progress, cancel,
            path => Path.Combine(partial, path[prefix.Length..]));
        Posix.CreatePrivateDirectory(partial);
        MakeFolders(Path.Combine(backup, prefix), partial);
        Posix.SyncFileSystem(partial);
        System.IO.Directory.Move(partial, target);
        Posix.SyncDirectory(places.MaildirDirectory);
    }

    private static bool IsOurs(string entry) => Path.GetFileName(entry) is DataLock.FileName or "node";

    /// <summary>Removes what an interrupted restore has written: its mark says that everything here came from a backup.</summary>
    private void RemoveLeftovers()
    {
        Posix.TryUnlink(places.DatabaseFile);
        foreach (var directory in new[] { places.MaildirDirectory, places.DataDirectory })
        {
            if (!System.IO.Directory.Exists(directory)) continue;
            foreach (var entry in System.IO.Directory.EnumerateFileSystemEntries(directory).Where(e => !IsOurs(e) && e != Mark).ToArray())
            {
                if (File.Exists(entry) || new FileInfo(entry).LinkTarget is not null) File.Delete(entry);
                else System.IO.Directory.Delete(entry, recursive: true);
            }
        }
    }

    private void CopyAll(IEnumerable<BackupEntry> selected, IProgress<BackupProgress>? progress, CancellationToken cancel, Func<string, string>? place = null)
    {
        var entries = selected.ToArray();
        var at = new BackupProgress("restoring", 0, entries.Length, 0);
        foreach (var entry in entries)
        {
            cancel.ThrowIfCancellationRequested();
            var target = place is null ? PlaceOf(entry.Path) : place(entry.Path);
            Posix.CreatePrivateDirectory(Path.GetDirectoryName(target)!);
            using (var source = ForeignFile.OpenBeneath(backup, entry.Path)) OwnFile.Copy(source, target);
            progress?.Report(at = at with { Done = at.Done + 1, Bytes = at.Bytes + entry.Size });
        }
    }

    private static bool IsElsewhere(string path) =>
        path.StartsWith("others/", StringComparison.Ordinal) || path.StartsWith(DatabaseDump.Folder + "/", StringComparison.Ordinal);

    private string PlaceOf(string path) => path switch
    {
        "mail.db" => places.DatabaseFile,
        _ when path.StartsWith("maildir/", StringComparison.Ordinal) => Path.Combine(places.MaildirDirectory, path["maildir/".Length..]),
        _ => Path.Combine(places.DataDirectory, path),
    };

    /// <summary>Folders without messages have no files in the list.</summary>
    private static void MakeFolders(string from, string to)
    {
        if (!ForeignFile.IsDirectory(from)) return;
        foreach (var directory in ForeignFile.Directories(from))
        {
            var made = Path.Combine(to, Path.GetFileName(directory));
            Posix.CreatePrivateDirectory(made);
            MakeFolders(directory, made);
        }
    }
}

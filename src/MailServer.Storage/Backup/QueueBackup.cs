using MailServer.Storage.Maildir;
using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>Copies the queue into a backup: the journal, and the message files before and after it, so that all messages in the journal are included.</summary>
internal sealed class QueueBackup(BackupContext run)
{
    private const string Folder = "spool";

    public void Run(CancellationToken cancel)
    {
        run.Target.ReportStep("queue");
        var staging = run.Places.SpoolStagingDirectory;
        Posix.CreatePrivateDirectory(staging);
        LinkAll(staging);
        run.TryCopyDatabase(run.Places.JournalFile, "journal.db");
        CopyShared();
        LinkAll(staging);
        var usable = run.Previous.Usable(Folder, cancel);
        foreach (var name in FolderDirectory.List(staging))
        {
            cancel.ThrowIfCancellationRequested();
            Copy(Path.Combine(staging, name), name, usable);
        }

        BackupRepository.Remove(staging);
        foreach (var folder in Spool.MessageSpool.FoldersSetAside) CopySetAside(folder);
        // The start counters, which prevent reuse of spool ids.
        if (!System.IO.Directory.Exists(run.Places.SpoolDirectory)) return;
        foreach (var file in SafeFileReader.Files(run.Places.SpoolDirectory).Where(static f => Path.GetFileName(f).StartsWith(".starts", StringComparison.Ordinal) && !BackupContext.IsExcluded(f)))
            run.TryCopy(file, $"{Folder}/{Path.GetFileName(file)}");
    }

    /// <summary>Dumps all tables of the shared database, including the queue, in one snapshot.</summary>
    private void CopyShared()
    {
        if (run.Places.Shared is null) return;
        using var database = run.Places.Shared();
        var directory = Path.Combine(run.Target.Directory, DatabaseDump.Folder);
        run.Target.MakeDirectory(directory);
        foreach (var file in new DatabaseDump(database).Write(directory)) run.Target.AddWritten($"{DatabaseDump.Folder}/{file}");
    }

    private void LinkAll(string staging)
    {
        foreach (var name in FolderDirectory.List(run.Places.SpoolDirectory))
        {
            var file = Path.Combine(run.Places.SpoolDirectory, name);
            // Links and FIFOs are not messages, whatever their names are.
            if (FileStat.Find(file) is not { Kind: FileKind.Regular }) continue;
            try
            {
                Posix.LinkOrCopy(file, Path.Combine(staging, name));
            }
            catch (FileNotFoundException)
            {
                // Delivered in the meantime.
            }
        }
    }

    private void Copy(string file, string name, IReadOnlyDictionary<string, BackupEntry> usable)
    {
        var path = $"{Folder}/{name}";
        if (usable.TryGetValue(name, out var entry) && FileStat.Find(file)?.Size == entry.Size && run.Previous.TryShare(entry, run.Target.PathOf(path))) run.Target.AddShared(entry);
        else run.TryCopy(file, path);
    }

    /// <summary>Copies the messages that the server has set aside.</summary>
    private void CopySetAside(string folder)
    {
        var directory = Path.Combine(run.Places.SpoolDirectory, folder);
        if (!SafeFileReader.IsDirectory(directory)) return;
        var walk = new DirectoryWalker(directory, followsLinks: false);
        walk.Run($"{Folder}/{folder}");
        foreach (var (file, path) in walk.Files) run.TryCopy(file, path);
        run.Report(walk);
    }
}

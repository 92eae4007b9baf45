using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>Copies the data directory into a backup, except mail and queue: consistent snapshots of databases, keys, certificates and all other files.</summary>
internal sealed class DataDirectoryBackup(BackupContext run, BackupRepository folder)
{
    // These names in a backup are used for other content.
    private static readonly string[] Reserved = ["maildir", "spool", "others", DatabaseDump.Folder, BackupManifest.FileName, "mail.db", "journal.db"];

    public void Run(CancellationToken cancel)
    {
        run.Target.ReportStep("directory, keys and certificates");
        if (!run.TryCopyDatabase(run.Places.DatabaseFile, "mail.db") && run.Places.Shared is null) run.Problems.Add($"mail.db: {run.Places.DatabaseFile} does not exist");
        var walk = Walk();
        foreach (var (file, path) in walk.Files)
        {
            cancel.ThrowIfCancellationRequested();
            Copy(file, path);
        }

        run.Report(walk);
        CopyNode();
        CopyOthers();
    }

    private DirectoryWalker Walk()
    {
        var places = run.Places;
        var walk = new DirectoryWalker(places.DataDirectory, followsLinks: true);
        foreach (var own in places.OwnDirectories) walk.LeaveOut(own);
        if (!RealPath.IsWithin(places.DataDirectory, places.MaildirDirectory)) walk.LeaveOut(places.MaildirDirectory);
        foreach (var own in new[] { places.DatabaseFile, places.JournalFile, folder.Path }) walk.LeaveOut(own);
        walk.LeaveOut(Path.Combine(places.DataDirectory, "lost+found"));
        walk.Run();
        return walk;
    }

    private void Copy(string file, string path)
    {
        var name = Path.GetFileName(path);
        if (BackupContext.IsExcluded(name) || run.Places.IsLog(file)) return;
        if (Reserved.Contains(path.Split('/')[0]) || run.Target.Has(path)) run.Warnings.Add($"skipped: {file}: the name is reserved in backups");
        else if (!name.EndsWith(".db", StringComparison.Ordinal)) run.TryCopy(file, path);
        else run.TryCopyDatabase(file, path);
    }

    /// <summary>Copies the databases of this node only; those of other nodes must not be read from here.</summary>
    private void CopyNode()
    {
        if (run.Places.NodeDirectory is not { } own || !System.IO.Directory.Exists(own)) return;
        own = RealPath.Of(own);
        foreach (var file in SafeFileReader.Files(own).Where(static f => f.EndsWith(".db", StringComparison.Ordinal))) run.TryCopyDatabase(file, Path.GetRelativePath(run.Places.DataDirectory, file));
    }

    private void CopyOthers()
    {
        foreach (var (name, file) in run.Places.Others)
        {
            var target = RealPath.Of(file);
            if (FileStat.Find(target) is { Kind: FileKind.Regular }) run.TryCopy(target, $"others/{name}");
            else if (Path.Exists(file)) run.Warnings.Add($"skipped: {file}: is neither a file nor a directory");
        }
    }
}

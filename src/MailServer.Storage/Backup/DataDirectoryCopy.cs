using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>The data directory in a backup, without mail and queue: databases as they are at one moment each, keys, certificates and whatever else lies there.</summary>
internal sealed class DataDirectoryCopy(BackupRun run, BackupFolder folder)
{
    // What these hold in a backup comes from elsewhere.
    private static readonly string[] s_reserved = ["maildir", "spool", "others", DatabaseDump.Folder, BackupManifest.FileName, "mail.db", "journal.db"];

    public void Run(CancellationToken cancel)
    {
        run.Target.Say("directory, keys and certificates");
        if (!run.TryCopyDatabase(run.Places.DatabaseFile, "mail.db") && run.Places.Shared is null) run.Problems.Add($"mail.db: there is no file {run.Places.DatabaseFile}");
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

    private DataWalk Walk()
    {
        var places = run.Places;
        var walk = new DataWalk(places.DataDirectory, followsLinks: true);
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
        if (BackupRun.IsOnlyHere(name) || run.Places.IsLog(file)) return;
        if (s_reserved.Contains(path.Split('/')[0]) || run.Target.Has(path)) run.Warnings.Add($"left out: {file}: the name is used for something else in a backup");
        else if (!name.EndsWith(".db", StringComparison.Ordinal)) run.TryCopy(file, path);
        else run.TryCopyDatabase(file, path);
    }

    /// <summary>Of nodes only what this one has: of the others' databases nobody here may read.</summary>
    private void CopyNode()
    {
        if (run.Places.NodeDirectory is not { } own || !System.IO.Directory.Exists(own)) return;
        own = RealPath.Of(own);
        foreach (var file in ForeignFile.Files(own).Where(static f => f.EndsWith(".db", StringComparison.Ordinal))) run.TryCopyDatabase(file, Path.GetRelativePath(run.Places.DataDirectory, file));
    }

    private void CopyOthers()
    {
        foreach (var (name, file) in run.Places.Others)
        {
            var target = RealPath.Of(file);
            if (FileFacts.Find(target) is { Kind: FileKind.Regular }) run.TryCopy(target, $"others/{name}");
            else if (Path.Exists(file)) run.Warnings.Add($"left out: {file}: is neither a file nor a directory");
        }
    }
}

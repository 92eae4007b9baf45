using MailServer.Storage.Health;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Backup;

/// <summary>State shared by the parts of one backup: source paths, target, problems and warnings.</summary>
internal sealed class BackupContext(BackupPaths places, BackupBuilder target, PreviousBackup previous)
{
    public BackupPaths Places { get; } = places;

    public BackupBuilder Target { get; } = target;

    public PreviousBackup Previous { get; } = previous;

    /// <summary>Files that are missing from the backup because they could not be read.</summary>
    public List<string> Problems { get; } = [];

    public List<string> Warnings { get; } = [];

    /// <summary>True if a file is meaningful only on this machine or only together with a running database, and is excluded from backups.</summary>
    public static bool IsExcluded(string name) =>
        name.EndsWith("-wal", StringComparison.Ordinal) || name.EndsWith("-shm", StringComparison.Ordinal) || DamagedFile.IsSetAside(name)
        || name.EndsWith(".snapshot", StringComparison.Ordinal) || name.EndsWith(".next", StringComparison.Ordinal)
        || name is DataDirectoryLock.FileName or "reserve" or "warnings" or "health-digest" or BackupRecord.FileName or BackupRestorer.MarkName;

    /// <summary>Runs one step. Unreadable files are reported and the backup continues; a failure of the target disk ends it.</summary>
    public async Task TryAsync(Func<Task> step, string what)
    {
        try
        {
            await step();
        }
        catch (Exception e) when (IsOfOneFile(e))
        {
            Problems.Add($"{what}: {e.Message}");
        }
    }

    /// <summary>Copies one file.</summary>
    public BackupEntry? TryCopy(string file, string path)
    {
        try
        {
            using var input = SafeFileReader.Open(file);
            return Target.Copy(input, path);
        }
        catch (Exception e) when (e is (FileNotFoundException or DirectoryNotFoundException) && FileStat.Find(file) is null)
        {
            // Removed in the meantime.
            return null;
        }
        catch (Exception e) when (IsOfOneFile(e))
        {
            Problems.Add($"{path}: {e.Message}");
            return null;
        }
    }

    /// <summary>Copies a consistent snapshot of a database; returns false if there is none.</summary>
    public bool TryCopyDatabase(string file, string path)
    {
        // SQLite would block on a FIFO, and create the target of a dangling link.
        if (FileStat.Find(RealPath.Of(file)) is not { Kind: FileKind.Regular }) return false;
        try
        {
            if (!SqliteDatabase.TryCopy(file, Target.PathOf(path))) return false;
            Target.AddWritten(path);
        }
        catch (SqliteNativeException failure) when (!Target.IsTargetFailure(failure))
        {
            Target.RemoveIncomplete(path);
            Problems.Add($"{path}: {failure.Message}");
        }

        return true;
    }

    /// <summary>Adds the problems and warnings of a directory walk.</summary>
    public void Report(DirectoryWalker walk)
    {
        Problems.AddRange(walk.Unreadable);
        Warnings.AddRange(walk.Skipped.Select(static s => $"skipped: {s}"));
    }

    private bool IsOfOneFile(Exception e) => e is (IOException or UnauthorizedAccessException or InvalidDataException) && !Target.IsTargetFailure(e);
}

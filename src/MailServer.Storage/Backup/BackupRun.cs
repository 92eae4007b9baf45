using MailServer.Storage.Health;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Backup;

/// <summary>What the parts of one backup share: where they read and write, and what they have to say.</summary>
internal sealed class BackupRun(BackupPlaces places, BackupTarget target, PreviousBackup previous)
{
    public BackupPlaces Places { get; } = places;

    public BackupTarget Target { get; } = target;

    public PreviousBackup Previous { get; } = previous;

    /// <summary>What is not in the backup although it should be.</summary>
    public List<string> Problems { get; } = [];

    public List<string> Warnings { get; } = [];

    /// <summary>Whether a file belongs to a database or a run of the server and says nothing without it.</summary>
    public static bool IsOnlyHere(string name) =>
        name.EndsWith("-wal", StringComparison.Ordinal) || name.EndsWith("-shm", StringComparison.Ordinal) || DamagedFile.IsSetAside(name)
        || name.EndsWith(".snapshot", StringComparison.Ordinal) || name.EndsWith(".next", StringComparison.Ordinal)
        || name is DataLock.FileName or "reserve" or BackupRestore.MarkName;

    /// <summary>Does one step. What cannot be read is left out and reported, and everything else is still wanted; a disk that takes no more ends the backup.</summary>
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
            using var input = ForeignFile.Open(file);
            return Target.Copy(input, path);
        }
        catch (Exception e) when (e is (FileNotFoundException or DirectoryNotFoundException) && FileFacts.Find(file) is null)
        {
            // Removed this moment.
            return null;
        }
        catch (Exception e) when (IsOfOneFile(e))
        {
            Problems.Add($"{path}: {e.Message}");
            return null;
        }
    }

    /// <summary>Copies a database as it is at one moment; does nothing when there is none.</summary>
    public bool TryCopyDatabase(string file, string path)
    {
        // SQLite would open a FIFO and wait, and make what a link to nothing names.
        if (FileFacts.Find(RealPath.Of(file)) is not { Kind: FileKind.Regular }) return false;
        try
        {
            if (!SqliteDatabase.TryCopy(file, Target.PathOf(path))) return false;
            Target.AddWritten(path);
        }
        catch (SqliteFailure failure) when (!Target.IsCauseOf(failure))
        {
            Target.Drop(path);
            Problems.Add($"{path}: {failure.Message}");
        }

        return true;
    }

    /// <summary>Says what a walk met.</summary>
    public void Report(DataWalk walk)
    {
        Problems.AddRange(walk.Unreadable);
        Warnings.AddRange(walk.Skipped.Select(static s => $"left out: {s}"));
    }

    private bool IsOfOneFile(Exception e) => e is (IOException or UnauthorizedAccessException or InvalidDataException) && !Target.IsCauseOf(e);
}

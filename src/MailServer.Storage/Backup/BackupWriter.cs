using MailServer.Domain.Accounts;
using MailServer.Domain.Backup;

namespace MailServer.Storage.Backup;

/// <summary>
/// Makes one backup, also of a server that runs. What is acknowledged before it begins is in it: of each account everything is taken at one
/// moment; of the queue first the message files, then the journal, then the files that came meanwhile. Message files never change, so those
/// that the last backup has are linked from there instead of being copied again.
/// </summary>
public sealed class BackupWriter(BackupPlaces places, BackupFolder folder, IBackupSource source, TimeProvider time)
{
    /// <exception cref="IOException">The backup cannot be kept in the folder, or the disk takes no more; nothing of it is left.</exception>
    public async Task<BackupSummary> RunAsync(IReadOnlyList<AccountId> accounts, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        if (places.FindConflict(folder.Path) is { } conflict) throw new IOException(conflict);
        // Another server or command may back up into the same directory: its unfinished backup is not one that was left behind.
        using var alone = DataLock.Take(folder.Path, "backup");
        var now = time.GetUtcNow();
        var left = folder.RemovePartial();
        ClearStaging();
        var last = folder.List().LastOrDefault(static b => b.Counter is not null);
        var counter = (last?.Counter ?? 0) + 1;
        try
        {
            using var target = new BackupTarget(folder.Begin(now), counter, progress);
            using var previous = new PreviousBackup(last is null ? null : Path.Combine(folder.Path, last.Name), counter);
            var run = new BackupRun(places, target, previous);
            await Task.Run(
                () =>
                {
                    new QueueCopy(run).Run(cancel);
                    new DataDirectoryCopy(run, folder).Run(cancel);
                },
                cancel);
            await new MailCopy(run, source).RunAsync(accounts, cancel);
            var summary = target.Complete(folder);
            return summary with { Problems = run.Problems, Warnings = [.. left, .. folder.FindOddities(now), .. previous.Warnings, .. run.Warnings] };
        }
        finally
        {
            ClearStaging();
        }
    }

    private void ClearStaging()
    {
        BackupFolder.Remove(places.StagingDirectory);
        BackupFolder.Remove(places.SpoolStagingDirectory);
    }
}

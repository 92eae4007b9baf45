using MailServer.Domain.Accounts;
using MailServer.Domain.Backup;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Backup;

/// <summary>
/// Makes a backup, also of a running server. It contains everything acknowledged before it started: the data of
/// each account at one point in time; of the queue first the message files, then the journal, then the files
/// added since. Message files never change, so those in the previous backup are hard-linked instead of copied.
/// </summary>
public sealed class BackupWriter(BackupPaths places, BackupRepository folder, IBackupSource source, TimeProvider time)
{
    /// <exception cref="IOException">The backup cannot be stored in the directory, or the disk is full; nothing remains.</exception>
    public async Task<BackupSummary> RunAsync(IReadOnlyList<AccountId> accounts, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        if (places.FindConflict(folder.Path) is { } conflict) throw new IOException(conflict);
        // Another server or command may use the same directory; without the lock its unfinished backup would look like a leftover.
        using var alone = Enter();
        var now = time.GetUtcNow();
        var left = folder.RemovePartial();
        ClearStaging();
        var last = folder.List().LastOrDefault(static b => b.Counter is not null);
        var counter = (last?.Counter ?? 0) + 1;
        try
        {
            using var target = new BackupBuilder(folder.Begin(now), counter, progress);
            using var previous = new PreviousBackup(last is null ? null : Path.Combine(folder.Path, last.Name), counter);
            var run = new BackupContext(places, target, previous);
            await Task.Run(
                () =>
                {
                    new QueueBackup(run).Run(cancel);
                    new DataDirectoryBackup(run, folder).Run(cancel);
                },
                cancel);
            await new MailBackup(run, source).RunAsync(accounts, cancel);
            var summary = target.Complete(folder);
            var unrecorded = run.Problems.Count == 0 ? new BackupRecord(now, folder.Path).TryWrite(places.DataDirectory) : null;
            return summary with { Problems = run.Problems, Warnings = [.. left, .. folder.FindAnomalies(now), .. previous.Warnings, .. run.Warnings, .. unrecorded is null ? [] : new[] { unrecorded }] };
        }
        finally
        {
            ClearStaging();
        }
    }

    /// <exception cref="IOException">The directory cannot be written to; the message says how to allow it.</exception>
    private DataDirectoryLock Enter()
    {
        try
        {
            return DataDirectoryLock.Take(folder.Path, "backup");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not StoreInUseException)
        {
            // The systemd unit lets the server write to few places.
            var user = Environment.UserName;
            throw new IOException(
                $"{user} may not write to {folder.Path} ({e.Message.TrimEnd('.')}); create it with 'install -d -m 700 -o {user} {folder.Path}', and if the server runs under systemd, allow it with 'systemctl edit mailserver': [Service] ReadWritePaths={folder.Path}", e);
        }
    }

    private void ClearStaging()
    {
        BackupRepository.Remove(places.StagingDirectory);
        BackupRepository.Remove(places.SpoolStagingDirectory);
    }
}

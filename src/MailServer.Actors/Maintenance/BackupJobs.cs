using MailServer.Domain.Accounts;
using MailServer.Domain.Backup;
using MailServer.Domain.Formatting;
using MailServer.Storage.Backup;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Maintenance;

/// <summary>
/// Runs backups, verifications and restores in the background, one at a time, and tells their progress and result. A job goes on when whoever started it leaves; it ends when the server stops.
/// </summary>
public sealed partial class BackupJobs : IDisposable
{
    private const string Busy = "another backup job is running";

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly MaintenanceService _maintenance;
    private readonly BackupJobSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private BackupJob? _last;

    public BackupJobs(MaintenanceService maintenance, BackupJobSettings settings, TimeProvider time, ILogger log) =>
        (_maintenance, _settings, _time, _log) = (maintenance, settings, time, log);

    /// <summary>The directory of the backups: the configured one, or that of the last backup; null if neither is known.</summary>
    public string? Directory => _settings.Directory ?? LastComplete?.Directory;

    /// <summary>The last complete backup; null if there is none.</summary>
    public LastBackup? LastComplete => BackupRecord.Read(_settings.DataDirectory) is { } last ? new LastBackup(last.At, last.Directory) : null;

    /// <summary>The job that runs, or the last one since the server started; null if there was none.</summary>
    public BackupJob? Current
    {
        get
        {
            lock (_lock) return _last;
        }
    }

    /// <summary>The backups in a directory, newest last; none if it cannot be read.</summary>
    public static IReadOnlyList<StoredBackup> List(string directory)
    {
        try
        {
            return [.. new BackupRepository(directory).List().Select(static b => new StoredBackup(b.Name, b.Counter, b.Date))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Starts a backup. Returns why it cannot be started; null if it runs.</summary>
    /// <param name="directory">The directory of the backups.</param>
    public string? StartBackup(string directory) => Start(new BackupJob(BackupJobKind.Backup, directory, "", "", _time.GetUtcNow()), async (progress, cancel) =>
    {
        var made = await _maintenance.BackUpAsync(directory, await _settings.Accounts(cancel), _settings.Configuration, progress, cancel);
        return ($"{made.Name} has {Quantity.Of(made.Files, "file")} ({ByteSize.Of(made.Bytes)}), {Quantity.Of(made.NewFiles, "file")} of them new ({ByteSize.Of(made.NewBytes)})", [.. made.Problems.Select(static p => $"not in the backup: {p}"), .. made.Warnings]);
    });

    /// <summary>Starts to verify a backup. Returns why it cannot be started; null if it runs.</summary>
    /// <param name="directory">The directory of the backups.</param>
    /// <param name="name">The backup; null: the newest.</param>
    public string? StartVerify(string directory, string? name) => OnBackup(directory, name, backup => Start(
        new BackupJob(BackupJobKind.Verify, directory, Path.GetFileName(backup), "", _time.GetUtcNow()),
        (progress, cancel) =>
        {
            var problems = BackupVerifier.Verify(backup, progress, cancel);
            return Task.FromResult((problems.Count == 0 ? "every file is present and unchanged" : $"{Quantity.Of(problems.Count, "file")} of the backup {(problems.Count == 1 ? "is" : "are")} damaged or missing", problems));
        }));

    /// <summary>Starts to add the messages that an account no longer has. Returns why it cannot be started; null if it runs.</summary>
    /// <param name="directory">The directory of the backups.</param>
    /// <param name="name">The backup; null: the newest.</param>
    /// <param name="account">The account.</param>
    public string? StartRestore(string directory, string? name, Account account) => OnBackup(directory, name, backup => Start(
        new BackupJob(BackupJobKind.Restore, directory, Path.GetFileName(backup), account.Address.ToString(), _time.GetUtcNow()),
        async (progress, cancel) =>
        {
            var then = await BackupAccounts.ReadAsync(backup, _time, cancel);
            if (!then.Ids.TryGetValue(account.Address, out var before)) throw new InvalidDataException(then.Damage is null ? $"the backup has no user {account.Address}" : $"the backup is damaged ({then.Damage})");
            var restored = await _maintenance.RestoreMailAsync(backup, before, account.Id, progress, cancel);
            return ($"{Quantity.Of(restored.Added, "message")} of {account.Address} restored; {restored.Present} of the backup {(restored.Present == 1 ? "was" : "were")} still there", restored.Problems);
        }));

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private static string? OnBackup(string directory, string? name, Func<string, string?> start)
    {
        try
        {
            return start(new BackupRepository(directory).Find(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private string? Start(BackupJob job, Func<IProgress<BackupProgress>, CancellationToken, Task<(string Result, IReadOnlyList<string> Problems)>> work)
    {
        lock (_lock)
        {
            if (_last is { IsRunning: true }) return Busy;
            _last = job;
        }

        _ = Task.Run(() => RunAsync(work));
        return null;
    }

    private async Task RunAsync(Func<IProgress<BackupProgress>, CancellationToken, Task<(string Result, IReadOnlyList<string> Problems)>> work)
    {
        try
        {
            var (result, problems) = await work(new LatestOf(this), _stop.Token);
            Change(job => job with { EndedAt = _time.GetUtcNow(), Result = result, Problems = problems });
        }
        catch (OperationCanceledException)
        {
            Change(job => job with { EndedAt = _time.GetUtcNow(), Result = "interrupted: the server stops" });
        }
        catch (Exception e)
        {
            // Whatever it was: the next job must be able to start.
            LogFailed(_log, e);
            Change(job => job with { EndedAt = _time.GetUtcNow(), Result = "failed", Problems = [e.Message] });
        }
    }

    private void Change(Func<BackupJob, BackupJob> change)
    {
        lock (_lock) _last = change(_last!);
    }

    private sealed class LatestOf(BackupJobs jobs) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => jobs.Change(job => job with { Progress = value });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A job with backups failed")]
    private static partial void LogFailed(ILogger logger, Exception e);
}

/// <summary>What jobs with backups need to know of the node.</summary>
/// <param name="Directory">The configured directory of the backups; null if there is none.</param>
/// <param name="DataDirectory">The node's data directory, with the record of the last backup.</param>
/// <param name="Configuration">The configuration file, which is in backups; null: none.</param>
/// <param name="Accounts">The accounts to back up.</param>
public sealed record BackupJobSettings(string? Directory, string DataDirectory, string? Configuration, Func<CancellationToken, Task<IReadOnlyList<AccountId>>> Accounts);

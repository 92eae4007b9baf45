using Akka.Hosting;
using MailServer.Actors.Collections;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Backup;
using MailServer.Domain.Collections;
using MailServer.Domain.Health;
using MailServer.Storage.Backup;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Maintenance;

/// <summary>Backups, imports and checks of a running server, requested over the admin socket.</summary>
public sealed class MaintenanceService(IReadOnlyActorRegistry actors, BackupPaths places, MessageSpool spool, NodeProblems problems, TimeProvider time) : IDisposable
{
    private const string BackupSubject = "backup";

    private readonly SemaphoreSlim _oneBackup = new(1);

    public MailImportService Import { get; } = new(() => actors.Get<MailboxActor>(), spool);

    /// <summary>Makes a backup. Only one runs at a time.</summary>
    /// <param name="directory">The backup directory.</param>
    /// <param name="accounts">The accounts to back up.</param>
    /// <param name="configuration">The configuration file to include; null: none.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Cancels the backup and removes its partial result.</param>
    public async Task<BackupSummary> BackUpAsync(
        string directory, IReadOnlyList<AccountId> accounts, string? configuration, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var all = configuration is null ? places : places with { Others = [.. places.Others, ("config.yaml", configuration)] };
        if (all.FindConflict(directory) is { } conflict) throw new IOException(conflict);
        if (!await _oneBackup.WaitAsync(TimeSpan.Zero, cancel)) throw new IOException("another backup is being made");
        try
        {
            var source = new RunningServerBackupSource(() => actors.Get<MailboxActor>(), () => actors.Get<CollectionsActor>());
            var made = await new BackupWriter(all, new BackupRepository(directory), source, time).RunAsync(accounts, progress, cancel);
            Report(directory, made.Problems is [var first, ..] ? $"the last backup in {directory} is incomplete, the first thing missing is {first}" : null);
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Report(directory, $"the last backup into {directory} failed: {e.Message}");
            throw;
        }
        finally
        {
            _oneBackup.Release();
        }
    }

    /// <summary>Reports a failed backup as a problem until a backup succeeds.</summary>
    private void Report(string directory, string? failure)
    {
        if (failure is null) problems.Clear(BackupSubject);
        else problems.Report(new NodeProblem(BackupSubject, failure, $"repair the cause, then run 'mailserver backup {directory}'"));
    }

    public async Task<MailboxReply.CheckResult> CheckAsync(AccountId account, bool repair, CancellationToken cancel)
    {
        var mail = await actors.Get<MailboxActor>().RequestAsync(account, new MailboxRequest.Check(repair), cancel) as MailboxReply.CheckResult
            ?? new MailboxReply.CheckResult(0, [$"the mailbox of user_{account} cannot be opened; run 'mailserver status' for the reason"]);
        var collections = new CollectionClient(() => actors.Get<CollectionsActor>());
        return await collections.AskAsync(account, new CollectionRequest.Check(repair), cancel) is CollectionReply.CheckResult { Problems: { Count: > 0 } found }
            ? mail with { Problems = [.. mail.Problems, .. found] }
            : mail;
    }

    public void Dispose() => _oneBackup.Dispose();
}

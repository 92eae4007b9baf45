using Akka.Hosting;
using MailServer.Actors.Collections;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Backup;
using MailServer.Domain.Collections;
using MailServer.Domain.Health;
using MailServer.Storage.Backup;
using MailServer.Storage.Directory;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Maintenance;

/// <summary>The result of restoring the mail of an account.</summary>
/// <param name="Added">How many messages were added.</param>
/// <param name="Present">How many were still there.</param>
/// <param name="Problems">What could not be restored, with the reason.</param>
public sealed record MailRestored(long Added, long Present, IReadOnlyList<string> Problems);

/// <summary>Backups, imports and checks of a running server, requested over the admin socket.</summary>
public sealed class MaintenanceService(IReadOnlyActorRegistry actors, BackupPaths places, MessageSpool spool, NodeProblems problems, TimeProvider time) : IDisposable
{
    private const string BackupSubject = "backup";
    private const int BatchMessages = 200;
    private const long BatchOctets = 8 * 1024 * 1024;

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

    /// <summary>
    /// Adds the messages of an account in a backup that its mailbox no longer has, to the folders in which they were. Nothing is overwritten or removed, and a second restore adds nothing.
    /// </summary>
    /// <param name="backup">The folder of the backup.</param>
    /// <param name="from">The id that the account had then.</param>
    /// <param name="to">The account.</param>
    /// <param name="progress">Receives the progress after each batch.</param>
    /// <param name="cancel">Ends the restore; what has been added stays.</param>
    public async Task<MailRestored> RestoreMailAsync(string backup, AccountId from, AccountId to, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var mail = AccountBackupMail.Compare(backup, from, AccountFolder.PathOf(places.MaildirDirectory, to));
        var restored = new MailRestored(0, mail.Present, []);
        var batch = new List<(ImportedMessage Message, ReadOnlyMemory<byte> Content)>();
        var octets = 0L;
        foreach (var (done, message) in mail.Missing.Index())
        {
            cancel.ThrowIfCancellationRequested();
            var (content, date, damage) = mail.Read(message);
            if (damage is null) batch.Add((new ImportedMessage(message.Id, message.Folder, message.Flags, date), content));
            else restored = restored with { Problems = [.. restored.Problems, $"{message.Path}: {damage}"] };
            octets += content.Length;
            if (batch.Count < BatchMessages && octets < BatchOctets && done < mail.Missing.Count - 1) continue;
            restored = await FileAsync(to, batch, restored, cancel);
            progress?.Report(new BackupProgress("restoring", done + 1, mail.Missing.Count, octets));
            batch.Clear();
            octets = 0;
        }

        return restored;
    }

    private async Task<MailRestored> FileAsync(AccountId to, List<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, MailRestored before, CancellationToken cancel)
    {
        if (batch.Count == 0) return before;
        var outcomes = await Import.FileAsync(to, batch, cancel);
        var refused = outcomes.Select((outcome, i) => (outcome, batch[i].Message.Folder)).Where(static o => o.outcome is not (ImportOutcome.Filed or ImportOutcome.AlreadyThere))
            .Select(static o => $"{o.Folder.Value}: {ReasonOf(o.outcome)}");
        return new MailRestored(
            before.Added + outcomes.Count(static o => o == ImportOutcome.Filed), before.Present + outcomes.Count(static o => o == ImportOutcome.AlreadyThere), [.. before.Problems, .. refused.Distinct()]);
    }

    private static string ReasonOf(ImportOutcome outcome) => outcome switch
    {
        ImportOutcome.OverQuota => "the mailbox is full",
        ImportOutcome.LimitReached => "the folder has too many messages or keywords, or the account too many folders",
        ImportOutcome.NoFolder => "the folder cannot be created",
        _ => "the mailbox is unavailable; see the server's log",
    };

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

using Akka.Actor;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Maintenance;

/// <summary>
/// Imports messages into an account's mailbox in batches: each message is made durable in the spool, then the mailbox actor files the whole batch with few
/// flushes. A message that already exists is answered like a new one, so an import can be repeated.
/// </summary>
public sealed class MailImportService(Func<IActorRef> mailboxes, MessageSpool spool)
{
    private const int SpooledAtOnce = 4;

    /// <summary>Creates the missing folders, subscribes to those that were subscribed, then files the messages. A refused message does not stop the others.</summary>
    public async Task<IReadOnlyList<ImportOutcome>> FileAsync(AccountId account, IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var folders = new Dictionary<FolderName, ImportOutcome>();
        foreach (var folder in batch.Select(static m => m.Message.Folder).Distinct()) folders[folder] = await PrepareAsync(account, folder, cancel);
        // A refused subscription does not prevent the import: clients can still show the folder.
        foreach (var folder in batch.Where(static m => m.Message.IsSubscribed).Select(static m => m.Message.Folder).Distinct())
            await AskAsync(account, new MailboxRequest.Subscribe(folder, Subscribed: true), cancel);
        var spooled = new SpooledMessage?[batch.Count];
        try
        {
            await Parallel.ForAsync(0, batch.Count, new ParallelOptions { MaxDegreeOfParallelism = SpooledAtOnce, CancellationToken = cancel }, (i, _) =>
            {
                if (folders[batch[i].Message.Folder] == ImportOutcome.Filed) spooled[i] = TrySpool(batch[i].Message.Id, batch[i].Content);
                return ValueTask.CompletedTask;
            });
            return await Task.WhenAll(batch.Select((m, i) => spooled[i] is { } message
                ? AppendAsync(account, m.Message, message, cancel)
                : Task.FromResult(folders[m.Message.Folder] is var refused and not ImportOutcome.Filed ? refused : ImportOutcome.Unavailable)));
        }
        finally
        {
            foreach (var message in spooled)
                if (message is not null) spool.Remove(message.Id);
        }
    }

    /// <summary>Returns <see cref="ImportOutcome.Filed"/> when the folder exists.</summary>
    private async Task<ImportOutcome> PrepareAsync(AccountId account, FolderName folder, CancellationToken cancel) =>
        await AskAsync(account, new MailboxRequest.CreateFolder(folder), cancel) switch
        {
            MailboxReply.Refused { Reason: not (MailboxRefusal.FolderExists or MailboxRefusal.IsInbox) } refused => OutcomeOf(refused.Reason),
            _ => ImportOutcome.Filed,
        };

    private SpooledMessage? TrySpool(SpoolId id, ReadOnlyMemory<byte> content)
    {
        try
        {
            return spool.Import(id, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The server reports the disk's condition as a problem; the importer retries.
            return null;
        }
    }

    private async Task<ImportOutcome> AppendAsync(AccountId account, ImportedMessage message, SpooledMessage spooled, CancellationToken cancel) =>
        await AskAsync(account, new MailboxRequest.Append(message.Folder, message.Flags, message.Date, spooled), cancel) switch
        {
            MailboxReply.AlreadyAppended => ImportOutcome.AlreadyThere,
            MailboxReply.Refused refused => OutcomeOf(refused.Reason),
            _ => ImportOutcome.Filed,
        };

    /// <summary>Converts a mailbox refusal to an import outcome.</summary>
    public static ImportOutcome OutcomeOf(MailboxRefusal refusal) => refusal switch
    {
        MailboxRefusal.OverQuota => ImportOutcome.OverQuota,
        MailboxRefusal.LimitReached => ImportOutcome.LimitReached,
        MailboxRefusal.Unavailable => ImportOutcome.Unavailable,
        _ => ImportOutcome.NoFolder,
    };

    private Task<MailboxReply> AskAsync(AccountId account, MailboxRequest request, CancellationToken cancel) => mailboxes().RequestAsync(account, request, cancel);
}

using Akka.Actor;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Maintenance;

/// <summary>
/// Files messages from elsewhere into the mailbox of an account, a batch at a time: each is made durable in the spool, all are filed with few
/// flushes by the mailbox's owner, who answers a message that is there already like a new one.
/// </summary>
public sealed class MailImport(Func<IActorRef> mailboxes, Spool spool)
{
    private const int SpooledAtOnce = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Creates the missing folders, then files the messages; one that is refused does not keep the others out.</summary>
    public async Task<IReadOnlyList<ImportOutcome>> FileAsync(AccountId account, IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var folders = new Dictionary<FolderName, ImportOutcome>();
        foreach (var folder in batch.Select(static m => m.Message.Folder).Distinct()) folders[folder] = await PrepareAsync(account, folder, cancel);
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

    /// <summary><see cref="ImportOutcome.Filed"/> when the folder is there.</summary>
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
            // The disk's state is among the server's problems; the importer tries again.
            return null;
        }
    }

    private async Task<ImportOutcome> AppendAsync(AccountId account, ImportedMessage message, SpooledMessage spooled, CancellationToken cancel) =>
        await AskAsync(account, new MailboxRequest.Append(message.Folder, message.Flags, message.Date, spooled), cancel) switch
        {
            MailboxReply.AppendedBefore => ImportOutcome.AlreadyThere,
            MailboxReply.Refused refused => OutcomeOf(refused.Reason),
            _ => ImportOutcome.Filed,
        };

    /// <summary>How a mailbox's refusal is told to an importer.</summary>
    public static ImportOutcome OutcomeOf(MailboxRefusal refusal) => refusal switch
    {
        MailboxRefusal.OverQuota => ImportOutcome.OverQuota,
        MailboxRefusal.LimitReached => ImportOutcome.LimitReached,
        MailboxRefusal.Unavailable => ImportOutcome.Unavailable,
        _ => ImportOutcome.NoFolder,
    };

    private Task<MailboxReply> AskAsync(AccountId account, MailboxRequest request, CancellationToken cancel) =>
        mailboxes().Ask<MailboxReply>(new MailboxProtocol.ToMailbox(account, request), Patience, cancel);
}

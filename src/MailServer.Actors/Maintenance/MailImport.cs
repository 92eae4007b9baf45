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

    /// <summary>Makes what is missing of the folders.</summary>
    public async Task PrepareAsync(AccountId account, IEnumerable<FolderName> folders, CancellationToken cancel)
    {
        foreach (var folder in folders.Distinct())
        {
            var reply = await AskAsync(account, new MailboxRequest.CreateFolder(folder), cancel);
            if (reply is MailboxReply.Refused { Reason: not (MailboxRefusal.FolderExists or MailboxRefusal.IsInbox) } refused) throw new IOException($"the folder {folder} cannot be made: {refused.Reason}");
        }
    }

    /// <summary>Null for each message that is filed; else why it was refused.</summary>
    public async Task<IReadOnlyList<string?>> FileAsync(AccountId account, IReadOnlyList<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> batch, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var spooled = new SpooledMessage[batch.Count];
        try
        {
            await Parallel.ForAsync(0, batch.Count, new ParallelOptions { MaxDegreeOfParallelism = SpooledAtOnce, CancellationToken = cancel }, (i, _) =>
            {
                spooled[i] = spool.Import(batch[i].Message.Id, batch[i].Content);
                return ValueTask.CompletedTask;
            });
            var filed = batch.Select((m, i) => AskAsync(account, new MailboxRequest.Append(m.Message.Folder, m.Message.Flags, m.Message.Date, spooled[i]), cancel));
            return [.. (await Task.WhenAll(filed)).Select(static reply => reply is MailboxReply.Refused refused ? refused.Reason.ToString() : null)];
        }
        finally
        {
            foreach (var message in spooled)
                if (message is not null) spool.Remove(message.Id);
        }
    }

    private Task<MailboxReply> AskAsync(AccountId account, MailboxRequest request, CancellationToken cancel) =>
        mailboxes().Ask<MailboxReply>(new MailboxProtocol.ToMailbox(account, request), Patience, cancel);
}

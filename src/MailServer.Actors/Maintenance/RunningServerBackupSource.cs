using Akka.Actor;
using MailServer.Actors.Collections;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Backup;

namespace MailServer.Actors.Maintenance;

/// <summary>Requests backup copies from the actors that own the stores of a running server, because no other process can open them.</summary>
internal sealed class RunningServerBackupSource(Func<IActorRef> mailboxes, Func<IActorRef> collections) : IBackupSource
{
    public async Task<MailboxCopy> CopyMailboxAsync(AccountId account, string directory, IReadOnlySet<string> known, CancellationToken cancel) =>
        await mailboxes().RequestAsync(account, new MailboxRequest.MakeCopy(directory, known), cancel) switch
        {
            MailboxReply.CopyMade made => made.Copy,
            _ => throw new IOException($"the mailbox of account {account} is not available; see the server's log"),
        };

    public async Task CopyCollectionsAsync(AccountId account, string file, CancellationToken cancel)
    {
        if (await new CollectionClient(collections).AskAsync(account, new CollectionRequest.MakeCopy(file), cancel) is not CollectionReply.Done)
            throw new IOException($"the calendars of account {account} are not available; see the server's log");
    }
}

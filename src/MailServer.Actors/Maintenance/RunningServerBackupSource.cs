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
    /// <summary>Linking a million files takes seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task<MailboxCopy> CopyMailboxAsync(AccountId account, string directory, IReadOnlySet<string> known, CancellationToken cancel)
    {
        var request = new MailboxProtocol.AccountRequest(account, new MailboxRequest.MakeCopy(directory, known));
        return await mailboxes().Ask<MailboxReply>(request, Patience, cancel) switch
        {
            MailboxReply.CopyMade made => made.Copy,
            _ => throw new IOException($"the mailbox of account {account} is not available; see the server's log"),
        };
    }

    public async Task CopyCollectionsAsync(AccountId account, string file, CancellationToken cancel)
    {
        var request = new CollectionProtocol.AccountRequest(account, new CollectionRequest.MakeCopy(file));
        if (await collections().Ask<CollectionReply>(request, Patience, cancel) is not CollectionReply.Done)
            throw new IOException($"the calendars of account {account} are not available; see the server's log");
    }
}

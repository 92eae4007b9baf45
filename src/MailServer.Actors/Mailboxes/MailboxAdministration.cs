using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>The mailboxes of all nodes, for the admin API.</summary>
public sealed class MailboxAdministration(ActorSystem system, ActorRegistry actors)
{
    private IActorRef Mailboxes => actors.Get<MailboxActor>();

    /// <summary>The open mailboxes.</summary>
    public async Task<IReadOnlyList<MailboxDescription>> ListAsync(CancellationToken cancel) =>
        [.. (await ClusterPeers.AskAllAsync<MailboxProtocol.Listed>(system, "mailboxes", Mailboxes, MailboxProtocol.List.Instance, cancel))
            .SelectMany(static a => a.Answer.Mailboxes).OrderBy(static m => m.Account.Value)];

    /// <summary>The folders of an account, whose mailbox is opened if necessary; null when it cannot be opened.</summary>
    public async Task<IReadOnlyList<(FolderName Name, FolderStatus Status)>?> FoldersAsync(AccountId account, CancellationToken cancel)
    {
        if (await AskAsync(account, new MailboxRequest.ListFolders(), cancel) is not MailboxReply.Folders folders) return null;
        var found = new List<(FolderName, FolderStatus)>();
        foreach (var folder in folders.All)
        {
            // Folders deleted meanwhile are left out.
            if (await AskAsync(account, new MailboxRequest.GetStatus(folder.Name), cancel) is MailboxReply.Status { Folder: var status }) found.Add((folder.Name, status));
        }

        return found;
    }

    /// <summary>Storage used by an account's mail, and its quota; null when the mailbox cannot be opened.</summary>
    public async Task<QuotaUsage?> UseAsync(AccountId account, CancellationToken cancel) =>
        await AskAsync(account, new MailboxRequest.GetQuota(), cancel) is MailboxReply.Quota { Use: var use } ? use : null;

    /// <summary>Sends a request to the mailbox of an account.</summary>
    public Task<MailboxReply> AskAsync(AccountId account, MailboxRequest request, CancellationToken cancel) => Mailboxes.RequestAsync(account, request, cancel);
}

using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>Requests to mailboxes from code that is not an actor.</summary>
internal static class MailboxRegionExtensions
{
    /// <summary>A request that takes too long is refused as unavailable; it may still have been executed.</summary>
    public static Task<MailboxReply> RequestAsync(this IActorRef mailboxes, AccountId account, MailboxRequest request, CancellationToken cancel) =>
        mailboxes.RequestAsync<MailboxReply>(new MailboxProtocol.AccountRequest(account, request), new MailboxReply.Refused(MailboxRefusal.Unavailable), cancel);
}

using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>Sends requests to collections and waits for the answers, for HTTP.</summary>
public sealed class CollectionClient(Func<IActorRef> region) : ICollections
{
    /// <summary>A request that takes too long is refused as unavailable; it may still have been executed.</summary>
    public Task<CollectionReply> AskAsync(AccountId account, CollectionRequest request, CancellationToken cancel) =>
        region().RequestAsync<CollectionReply>(new CollectionProtocol.AccountRequest(account, request), new CollectionReply.Refused(CollectionRefusal.Unavailable), cancel);
}

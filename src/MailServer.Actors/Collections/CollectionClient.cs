using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>Sends requests to collections and waits for the answers, for HTTP.</summary>
public sealed class CollectionClient(Func<IActorRef> region) : ICollections
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A request that takes too long is refused as unavailable; it may still have been executed.</summary>
    public async Task<CollectionReply> AskAsync(AccountId account, CollectionRequest request, CancellationToken cancel)
    {
        try
        {
            return await region().Ask<CollectionReply>(new CollectionProtocol.AccountRequest(account, request), Patience, cancel);
        }
        catch (AskTimeoutException)
        {
            return new CollectionReply.Refused(CollectionRefusal.Unavailable);
        }
    }
}

using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>The edge's way to collections: HTTP asks and waits.</summary>
public sealed class CollectionClient(Func<IActorRef> region) : ICollections
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What took too long is refused as unavailable; it may have been done.</summary>
    public async Task<CollectionReply> AskAsync(AccountId account, CollectionRequest request, CancellationToken cancel)
    {
        try
        {
            return await region().Ask<CollectionReply>(new CollectionProtocol.ToCollections(account, request), Patience, cancel);
        }
        catch (AskTimeoutException)
        {
            return new CollectionReply.Refused(CollectionRefusal.Unavailable);
        }
    }
}

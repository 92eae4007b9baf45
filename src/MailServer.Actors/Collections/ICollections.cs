using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>The collections of all accounts, on any node.</summary>
public interface ICollections
{
    /// <summary>Requests that cannot be answered are refused (<see cref="CollectionReply.Refused"/>); no exception is thrown.</summary>
    Task<CollectionReply> AskAsync(AccountId account, CollectionRequest request, CancellationToken cancel);
}

using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>The collections of any account, wherever they are.</summary>
public interface ICollections
{
    /// <summary>What cannot be answered is refused (<see cref="CollectionReply.Refused"/>); nothing is thrown for it.</summary>
    Task<CollectionReply> AskAsync(AccountId account, CollectionRequest request, CancellationToken cancel);
}

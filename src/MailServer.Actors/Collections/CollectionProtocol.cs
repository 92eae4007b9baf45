using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// How collections are spoken to. What can be asked of them is <see cref="CollectionRequest"/>, what they answer is <see cref="CollectionReply"/>.
/// </summary>
public static class CollectionProtocol
{
    /// <summary>A request; answered with a bare <see cref="CollectionReply"/>.</summary>
    public sealed record ToCollections(AccountId Account, CollectionRequest Request) : IForAccount, INoSerializationVerificationNeeded;

    /// <summary>Close them: the account is gone.</summary>
    public sealed record Close(AccountId Account) : IClosesAccount;
}

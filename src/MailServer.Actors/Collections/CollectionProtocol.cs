using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// How collections are spoken to. What can be asked of them is <see cref="CollectionRequest"/>, what they answer is <see cref="CollectionReply"/>.
/// </summary>
public static class CollectionProtocol
{
    /// <summary>A message for the collections of one account, wherever they live.</summary>
    public interface IWithAccount
    {
        AccountId Account { get; }
    }

    /// <summary>A request; answered with a bare <see cref="CollectionReply"/>.</summary>
    public sealed record ToCollections(AccountId Account, CollectionRequest Request) : IWithAccount, INoSerializationVerificationNeeded;

    /// <summary>Close them: the account is gone.</summary>
    public sealed record Close(AccountId Account) : IWithAccount;

    /// <summary>Idle collections ask their parent to be stopped; messages for them wait until they have been.</summary>
    internal sealed record Passivate
    {
        public static Passivate Instance { get; } = new();
    }
}

using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// How collections are spoken to. What can be asked of them is <see cref="CollectionRequest"/>, what they answer is <see cref="CollectionReply"/>.
/// </summary>
public static class CollectionProtocol
{
    /// <summary>A request; answered with a bare <see cref="CollectionReply"/>.</summary>
    public sealed record ToCollections(AccountId Account, CollectionRequest Request) : IForAccount, INoSerializationVerificationNeeded;

    /// <summary>A scheduling message of someone else; answered with <see cref="Received"/> when what it changes is durable.</summary>
    /// <param name="Account">Whose calendars.</param>
    /// <param name="Sender">Who says it, verified.</param>
    /// <param name="Body">A VCALENDAR with its METHOD.</param>
    /// <param name="Key">Names the message: a second one is the same.</param>
    public sealed record Receive(AccountId Account, EmailAddress Sender, ReadOnlyMemory<byte> Body, string Key) : IForAccount, INoSerializationVerificationNeeded;

    /// <param name="Account">The one asked.</param>
    /// <param name="Status">The SCHEDULE-STATUS; null: try again later.</param>
    public sealed record Received(AccountId Account, string? Status);

    /// <summary>The answer that refuses a request for now; null when the message expects none.</summary>
    internal static object? Refusal(IForAccount request) => request switch
    {
        ToCollections => new CollectionReply.Refused(CollectionRefusal.Unavailable),
        Receive receive => new Received(receive.Account, null),
        _ => null,
    };

    /// <summary>Look whether scheduling messages wait.</summary>
    public sealed record Wake(AccountId Account) : IForAccount;

    /// <summary>Close them: the account is gone.</summary>
    public sealed record Close(AccountId Account) : IClosesAccount;
}

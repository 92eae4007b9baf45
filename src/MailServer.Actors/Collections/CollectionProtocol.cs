using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>Messages of the collections actors. The requests are <see cref="CollectionRequest"/>, the answers <see cref="CollectionReply"/>.</summary>
public static class CollectionProtocol
{
    /// <summary>A request. Answered with a <see cref="CollectionReply"/>.</summary>
    public sealed record AccountRequest(AccountId Account, CollectionRequest Request) : IForAccount, ITrackedRequest, INoSerializationVerificationNeeded
    {
        RequestRule ITrackedRequest.Rule => RequestRules.Of(Request);
    }

    /// <summary>A scheduling message from another user. Answered with <see cref="SchedulingReceived"/> when its changes are durable.</summary>
    /// <param name="Account">The recipient.</param>
    /// <param name="Sender">The verified sender.</param>
    /// <param name="Body">A VCALENDAR object with a METHOD.</param>
    /// <param name="Key">Identifies the message, so that a duplicate is recognised.</param>
    public sealed record ReceiveScheduling(AccountId Account, EmailAddress Sender, ReadOnlyMemory<byte> Body, string Key) : IForAccount, ITrackedRequest, INoSerializationVerificationNeeded
    {
        RequestRule ITrackedRequest.Rule => RequestRules.ReceiveScheduling;
    }

    /// <param name="Account">The recipient.</param>
    /// <param name="Status">The SCHEDULE-STATUS; null: try again later.</param>
    public sealed record SchedulingReceived(AccountId Account, string? Status);

    /// <summary>The answer that refuses a request temporarily; null when the message expects no answer.</summary>
    internal static object? Refusal(IForAccount request) => request switch
    {
        AccountRequest => new CollectionReply.Refused(CollectionRefusal.Unavailable),
        ReceiveScheduling receive => new SchedulingReceived(receive.Account, null),
        _ => null,
    };

    /// <summary>Resumes pending scheduling messages.</summary>
    public sealed record ResumeScheduling(AccountId Account) : IForAccount, ITrackedRequest
    {
        RequestRule ITrackedRequest.Rule => RequestRules.ResumeScheduling;
    }

    /// <summary>Closes the collections because the account was removed.</summary>
    public sealed record Close(AccountId Account) : IClosesAccount;
}

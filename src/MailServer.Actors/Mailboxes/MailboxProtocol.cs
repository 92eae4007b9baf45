using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Actors.Inspection;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// Messages of the mailbox actors. The requests are <see cref="MailboxRequest"/>, the answers <see cref="MailboxReply"/>, and the notifications to sessions
/// that have a folder selected <see cref="MailboxChanged"/>.
/// </summary>
public static class MailboxProtocol
{
    /// <summary>
    /// A request. Answered with a <see cref="MailboxReply"/>, or with <see cref="NumberedReply"/> when it has a sequence number, by which a session that repeats
    /// a request after losing a node can match the answers.
    /// </summary>
    public sealed record AccountRequest(AccountId Account, MailboxRequest Request, long Sequence = 0) : IForAccount, ITrackedRequest, INoSerializationVerificationNeeded
    {
        RequestRule ITrackedRequest.Rule => RequestRules.Of(Request);
    }

    /// <summary>
    /// A request of another account, which has only the rights that the owner has granted. A message of its own, so that a node of a version without shared folders does not take the guest for the owner. Answered
    /// like <see cref="AccountRequest"/>.
    /// </summary>
    public sealed record GuestRequest(AccountId Account, MailboxGuest Guest, MailboxRequest Request, long Sequence = 0) : IForAccount, ITrackedRequest, INoSerializationVerificationNeeded
    {
        RequestRule ITrackedRequest.Rule => RequestRules.Of(Request);
    }

    /// <summary>The answer to the request with this sequence number.</summary>
    public sealed record NumberedReply(long Sequence, MailboxReply Reply) : INoSerializationVerificationNeeded;

    /// <summary>Delivers a message. Answered with <see cref="Delivered"/> when it is durable.</summary>
    public sealed record Deliver(AccountId Account, FolderName Folder, SpooledMessage Message) : IForAccount, ITrackedRequest
    {
        /// <summary>The address in the envelope that led to the account; null from a node of a version that did not send it, which does not know <see cref="MailboxReply.Rejected"/> either.</summary>
        public EmailAddress? Recipient { get; init; }

        /// <summary>Further addresses in the envelope that led to the account. The message is delivered once; scripts decide for each address.</summary>
        public IReadOnlyList<EmailAddress> FurtherRecipients { get; init; } = [];

        /// <summary>The message is stored whatever the scripts say.</summary>
        public bool SkipsScripts { get; init; }

        RequestRule ITrackedRequest.Rule => RequestRules.Deliver;
    }

    /// <summary>
    /// The result of delivering <paramref name="Message"/> to <paramref name="Account"/>: <see cref="MailboxReply.Appended"/> or <see
    /// cref="MailboxReply.Refused"/>, <see cref="MailboxReply.Rejected"/>, or <see cref="MailboxReply.Done"/> if the scripts stored nothing.
    /// </summary>
    public sealed record Delivered(AccountId Account, SpoolId Message, MailboxReply Result);

    /// <summary>The answer that refuses a request temporarily; null when the message expects no answer.</summary>
    internal static object? Refusal(IForAccount request)
    {
        var refused = new MailboxReply.Refused(MailboxRefusal.Unavailable);
        return request switch
        {
            Deliver deliver => new Delivered(deliver.Account, deliver.Message.Id, refused),
            AccountRequest { Sequence: 0 } => refused,
            AccountRequest asked => new NumberedReply(asked.Sequence, refused),
            GuestRequest { Sequence: 0 } => refused,
            GuestRequest asked => new NumberedReply(asked.Sequence, refused),
            _ => null,
        };
    }

    /// <summary>Lists the mailboxes that are open on this node. Answered with <see cref="Listed"/>.</summary>
    internal sealed record List : IBroadcastQuery
    {
        public static List Instance { get; } = new();

        public Props Gather(IReadOnlyCollection<IActorRef> open, IActorRef asker) => MailboxInspection.Gather(open, asker);
    }

    /// <summary>The open mailboxes.</summary>
    public sealed record Listed(IReadOnlyList<MailboxDescription> Mailboxes);

    /// <summary>Requests a <see cref="MailboxDescription"/>.</summary>
    internal sealed record Describe : IInspection
    {
        public static Describe Instance { get; } = new();
    }

    /// <summary>Closes the mailbox because its account was removed. Sessions are ended separately.</summary>
    public sealed record Close(AccountId Account) : IClosesAccount;
}

/// <summary>An open mailbox: number of sessions that have a folder selected, messages queued for its actor, and searches in progress.</summary>
public sealed record MailboxDescription(AccountId Account, DateTimeOffset OpenedAt, int Watchers, int Inbox, int Searches, string? Node = null);

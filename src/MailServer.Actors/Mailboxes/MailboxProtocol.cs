using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// How a mailbox is spoken to. What can be asked of it is <see cref="MailboxRequest"/>, what it answers is <see cref="MailboxReply"/>,
/// and what it tells the sessions that have one of its folders selected is <see cref="MailboxChanged"/>.
/// </summary>
public static class MailboxProtocol
{
    /// <summary>
    /// A request; answered with a bare <see cref="MailboxReply"/>, or with <see cref="Answered"/> when it has a number: whoever asks again, because a node
    /// was lost, tells the answers apart.
    /// </summary>
    public sealed record ToMailbox(AccountId Account, MailboxRequest Request, long Sequence = 0) : IForAccount, INoSerializationVerificationNeeded;

    /// <summary>The answer to the request with this number.</summary>
    public sealed record Answered(long Sequence, MailboxReply Reply) : INoSerializationVerificationNeeded;

    /// <summary>A delivery; answered with <see cref="Delivered"/> when it is durable.</summary>
    public sealed record Deliver(AccountId Account, FolderName Folder, SpooledMessage Message) : IForAccount;

    /// <summary>How the delivery of <paramref name="Message"/> to <paramref name="Account"/> ended: <see cref="MailboxReply.Appended"/> or <see cref="MailboxReply.Refused"/>.</summary>
    public sealed record Delivered(AccountId Account, SpoolId Message, MailboxReply Result);

    /// <summary>The answer that refuses a request for now; null when the message expects none.</summary>
    internal static object? Refusal(IForAccount request)
    {
        var refused = new MailboxReply.Refused(MailboxRefusal.Unavailable);
        return request switch
        {
            Deliver deliver => new Delivered(deliver.Account, deliver.Message.Id, refused),
            ToMailbox { Sequence: 0 } => refused,
            ToMailbox asked => new Answered(asked.Sequence, refused),
            _ => null,
        };
    }

    /// <summary>Which mailboxes are open on this node? Answered with <see cref="Listed"/>.</summary>
    internal sealed record List : IGathersFromAll
    {
        public static List Instance { get; } = new();

        public Props Gather(IReadOnlyCollection<IActorRef> open, IActorRef asker) => MailboxQuestion.Gather(open, asker);
    }

    /// <summary>The mailboxes that are open.</summary>
    public sealed record Listed(IReadOnlyList<MailboxDescription> Mailboxes);

    /// <summary>Tell about yourself: answered with a <see cref="MailboxDescription"/>.</summary>
    internal sealed record Describe : INotInfluenceReceiveTimeout
    {
        public static Describe Instance { get; } = new();
    }

    /// <summary>Close the mailbox: its account is gone. Sessions are ended elsewhere.</summary>
    public sealed record Close(AccountId Account) : IClosesAccount;
}

/// <summary>An open mailbox: the sessions with one of its folders selected, the messages that wait for its actor, and searches that take several turns.</summary>
public sealed record MailboxDescription(AccountId Account, DateTimeOffset OpenedAt, int Watchers, int Inbox, int Searches, string? Node = null);

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
    /// <summary>A session's request; answered with a bare <see cref="MailboxReply"/>.</summary>
    public sealed record ToMailbox(AccountId Account, MailboxRequest Request) : IForAccount, INoSerializationVerificationNeeded;

    /// <summary>A delivery; answered with <see cref="Delivered"/> when it is durable.</summary>
    public sealed record Deliver(AccountId Account, FolderName Folder, SpooledMessage Message) : IForAccount;

    /// <summary>How the delivery of <paramref name="Message"/> to <paramref name="Account"/> ended: <see cref="MailboxReply.Appended"/> or <see cref="MailboxReply.Refused"/>.</summary>
    public sealed record Delivered(AccountId Account, SpoolId Message, MailboxReply Result);

    /// <summary>Close the mailbox: its account is gone. Sessions are ended elsewhere.</summary>
    public sealed record Close(AccountId Account) : IClosesAccount;
}

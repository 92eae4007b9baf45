using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Mailboxes;

/// <summary>A message that is linked but not yet durable, and the sender waiting for it.</summary>
internal sealed record StagedMessage(RequestOrigin Client, SpoolId Message, bool Delivered)
{
    /// <summary>Gets the reply instead of the sender; null: the sender gets it.</summary>
    public Action<MailboxReply>? Then { get; init; }

    public void Answer(IActorRef self, AccountId account, MailboxReply reply)
    {
        if (Then is { } then) then(reply);
        else if (Delivered) Client.Actor.Tell(new MailboxProtocol.Delivered(account, Message, reply), self);
        else Client.Reply(reply, self);
    }

    public void Refuse(IActorRef self, AccountId account) => Answer(self, account, new MailboxReply.Refused(MailboxRefusal.Unavailable));
}

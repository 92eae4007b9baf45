using Akka.Actor;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>The sender of a mailbox request and the request's number; 0: without a number.</summary>
internal readonly record struct RequestOrigin(IActorRef Actor, long Sequence)
{
    /// <summary>The account of the sender if it is not the owner of the mailbox.</summary>
    public MailboxGuest? Guest { get; init; }

    /// <summary>Turns each reply into what the guest may see of it.</summary>
    public Func<MailboxReply, MailboxReply>? Prepare { get; init; }

    public void Reply(MailboxReply reply, IActorRef self)
    {
        var told = Prepare is { } prepare ? prepare(reply) : reply;
        Actor.Tell(Sequence == 0 ? told : new MailboxProtocol.NumberedReply(Sequence, told), self);
    }
}

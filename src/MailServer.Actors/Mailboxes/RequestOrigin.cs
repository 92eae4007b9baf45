using Akka.Actor;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>The sender of a mailbox request and the request's number; 0: without a number.</summary>
internal readonly record struct RequestOrigin(IActorRef Actor, long Sequence)
{
    public void Reply(MailboxReply reply, IActorRef self) => Actor.Tell(Sequence == 0 ? reply : new MailboxProtocol.NumberedReply(Sequence, reply), self);
}

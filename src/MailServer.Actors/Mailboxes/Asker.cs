using Akka.Actor;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>Who asked a mailbox, and under which number; 0: without one.</summary>
internal readonly record struct Asker(IActorRef Actor, long Sequence)
{
    public void Tell(MailboxReply reply, IActorRef self) => Actor.Tell(Sequence == 0 ? reply : new MailboxProtocol.Answered(Sequence, reply), self);
}

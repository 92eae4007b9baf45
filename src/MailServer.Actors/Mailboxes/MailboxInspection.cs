using Akka.Actor;
using MailServer.Actors.Inspection;

namespace MailServer.Actors.Mailboxes;

/// <summary>Collects the descriptions of mailboxes on this node.</summary>
internal static class MailboxInspection
{
    public static Props Gather(IReadOnlyCollection<IActorRef> mailboxes, IActorRef asker) => GatherActor<MailboxDescription>.Props(
        mailboxes, MailboxProtocol.Describe.Instance, asker, static found => new MailboxProtocol.Listed([.. found.OrderBy(static m => m.Account.Value)]));
}

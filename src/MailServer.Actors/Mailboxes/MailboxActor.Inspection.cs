using Akka.Actor;
using MailServer.Actors.Inspection;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;

namespace MailServer.Actors.Mailboxes;

// Status for the admin API.
internal sealed partial class MailboxActor
{
    private readonly DateTimeOffset _openedAt;

    private MailboxDescription Describe() => new(Account, _openedAt, _watchers.Count, ActorTree.InboxOf(Self), _searches.Count, _services.Home.Node);

    private void Conclude(StagedMessage staged, MailboxReply.Appended appended)
    {
        LogFiled(staged.Message, Account, appended.Uid);
        staged.Answer(Self, Account, appended);
    }

    private void Push(IActorRef session, MailboxChanged change)
    {
        session.Tell(change);
        ServerMetrics.MailboxNotifications.Add(1);
        LogPushed(session.Path.Name, Account, change.HighestModSeq);
    }
}

using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;

namespace MailServer.Actors.Tests.Queue;

/// <summary>Notices of a partition whose journal is slow.</summary>
public sealed class NoticeSchedulerTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly QueueTestNode _node = new();

    public NoticeSchedulerTests()
        : base("storage-dispatcher { type = ForkJoinDispatcher, dedicated-thread-pool { thread-count = 2, threadtype = background } }")
    {
    }

    [Fact]
    public void A_notice_is_not_sent_again_while_its_result_is_made_durable()
    {
        var spool = _node.OpenSpool();
        var item = QueueTestNode.Spooled(spool, "b@far.example");
        item = item with { Recipients = [item.Recipients[0] with { State = RecipientState.Failed, DsnPending = true }] };
        var partition = Sys.ActorOf(Props.Create(() => new Partition(_node.Services(spool, TestActor), TestActor)));
        partition.Tell(item);
        ExpectMsg<DeliveryProtocol.Accept>(Patience);
        var writer = LastSender;
        var watcher = CreateTestProbe();
        watcher.Watch(writer);
        writer.Tell(new SmtpReply(250, "2.0.0", "ok"));
        ExpectMsg<NoticeProtocol.NoticeFinished>(Patience);
        watcher.ExpectTerminated(writer, Patience);
        // Another attempt ends meanwhile.
        partition.Tell(item);
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _node.Dispose();
    }

    /// <summary>A partition whose journal never answers.</summary>
    private sealed class Partition : UntypedActor
    {
        private readonly NoticeScheduler _notices;
        private readonly IActorRef _watcher;

        public Partition(QueueServices services, IActorRef watcher)
        {
            _notices = new NoticeScheduler(services, Context);
            _watcher = watcher;
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case QueueItem item:
                    _notices.Send(item);
                    break;
                case NoticeProtocol.NoticeFinished done:
                    _notices.Reported(done);
                    _watcher.Tell(done);
                    break;
                case Terminated terminated:
                    _notices.Lost(terminated.ActorRef);
                    break;
            }
        }
    }
}

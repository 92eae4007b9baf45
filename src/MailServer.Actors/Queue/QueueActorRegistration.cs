using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Submission;

namespace MailServer.Actors.Queue;

/// <summary>Starts the outbound queue, after the mailboxes, to which it delivers deferred local mail.</summary>
internal static class QueueActorRegistration
{
    public static AkkaConfigurationBuilder AddQueue(this AkkaConfigurationBuilder builder, IQueueNode node) => builder.WithActors((system, registry) =>
    {
        var connections = system.ActorOf(ConnectionSlotsActor.Props(node.Limits.OutboundConnections), ConnectionSlotsActor.Name);
        // The partitions look at their messages again.
        node.Pauses.Changed = () => system.EventStream.Publish(QueueProtocol.PausesChanged.Instance);
        var services = ServicesOf(node, registry.Get<MailboxActor>(), system.ActorSelection(DeliveryProtocol.Entrance), connections);
        registry.Register<QueueActor>(system.ActorOf(QueueActor.Props(services), QueueActor.Name));
    });

    private static QueueServices ServicesOf(IQueueNode node, IActorRef mailboxes, ICanTell router, IActorRef connections) => new()
    {
        Hostname = node.Hostname,
        Limits = node.Limits,
        Time = node.Time,
        Options = node.Outbound,
        Dns = node.Dns,
        Connector = node.Connector,
        MtaSts = node.MtaSts,
        Dane = node.Dane,
        Reports = node.Reports,
        Spool = node.Spool,
        Mailboxes = mailboxes,
        Signer = node.Signer,
        Router = router,
        // Listeners open later, so messages accepted from now on are not in this list.
        SpooledAtStart = [.. node.Spool.List(), .. node.Spool.ListOrphanedEnvelopes()],
        Journal = node.Journal,
        Problems = node.Problems,
        Stores = node.Stores,
        Unreadable = new UnreadableMessages(node.Problems),
        IsShared = node.Cluster is not null,
        Trace = node.Trace,
        Pauses = node.Pauses,
        Loggers = node.Loggers,
        Connections = connections,
    };
}

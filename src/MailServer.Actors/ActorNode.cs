using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Actors.Collections;
using MailServer.Actors.Delivery;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Actors.Scheduling;
using MailServer.Actors.Sessions;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors;

/// <summary>Registers the actors of one node: mailboxes first, then the actors that depend on them.</summary>
public static class ActorNode
{
    /// <summary>
    /// Starts the mailbox region, the outbound queue, the delivery router and the session registry. Listeners hand their connections to the registry.
    /// </summary>
    public static AkkaConfigurationBuilder AddMailServer(this AkkaConfigurationBuilder builder, NodeServices node)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithActors((system, registry) =>
        {
            var cluster = new ClusterActors(system, node);
            var mailboxes = cluster.Mailboxes(node.ForMailboxes());
            // The queue sends notices through the router, and the router queues mail for other hosts.
            var entrance = system.ActorSelection("/user/delivery");
            var queue = system.ActorOf(QueueActor.Props(node.ForQueue(mailboxes, entrance)), QueueActor.Name);
            var push = node.Push is { } services ? system.ActorOf(PushActor.Props(services, node.Limits, node.Time, node.Loggers.CreateLogger<PushActor>()), "push") : null;
            // Calendars send mail, and incoming mail carries invitations.
            var collections = cluster.Collections(node.ForCollections(push, entrance, system.ActorSelection("/user/collections")));
            var reports = ReportsStart.Start(system, registry, node, entrance);
            var router = system.ActorOf(DeliveryRouterActor.Props(node.ForDelivery(mailboxes, queue, entrance, [.. reports, new InvitationReader(collections)])), "delivery");
            system.ActorOf(PendingSchedulingActor.Props(node.MaildirDirectory, collections), "pending-scheduling");
            var sessions = system.ActorOf(SessionRegistryActor.Props(node.ForSessions(mailboxes, router)), "sessions");
            registry.Register<CollectionsActor>(collections);
            registry.Register<MailboxActor>(mailboxes);
            registry.Register<SessionRegistryActor>(sessions);
            registry.Register<QueueActor>(queue);
        });
    }

    /// <summary>Access to the calendars, address books and files of all accounts, for HTTP.</summary>
    public static CollectionClient Collections(this IReadOnlyActorRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new CollectionClient(() => registry.Get<CollectionsActor>());
    }
}

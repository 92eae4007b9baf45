using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Collections;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;

namespace MailServer.Actors.Delivery;

/// <summary>Starts the delivery router, after the mailboxes and the queue.</summary>
internal static class DeliveryActorRegistration
{
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="node">Its dependencies.</param>
    /// <param name="readers">The handlers of delivered messages; the list must be complete when the router starts.</param>
    public static AkkaConfigurationBuilder AddDelivery(this AkkaConfigurationBuilder builder, IDeliveryNode node, IReadOnlyList<IDeliveredMessageHandler> readers) =>
        builder.WithActors((system, registry) =>
        {
            var services = ServicesOf(node, registry.Get<MailboxActor>(), registry.Get<QueueActor>(), system.ActorSelection(DeliveryProtocol.Entrance), [.. readers]) with { Contacts = new ContactAddresses(registry.DavCollections(system, node.Limits), node.Time) };
            system.ActorOf(ScriptMailActor.Props(services), ScriptMailProtocol.Name);
            registry.Register<DeliveryRouterActor>(system.ActorOf(DeliveryRouterActor.Props(services), DeliveryProtocol.RouterName));
        });

    private static DeliveryServices ServicesOf(IDeliveryNode node, IActorRef mailboxes, IActorRef queue, ICanTell router, IReadOnlyList<IDeliveredMessageHandler> readers) => new()
    {
        Hostname = node.Hostname,
        Limits = node.Limits,
        Time = node.Time,
        Addresses = new AddressPolicy(node.Directory, node.Limits, node.Hostname, node.Rewriter),
        Spool = node.Spool,
        Mailboxes = mailboxes,
        Queue = queue,
        Router = router,
        Signer = node.Signer,
        Verifier = node.Verifier,
        ForgedResults = new ForgedResultsFilter(node.Hostname, node.Directory),
        Forwarding = new ForwardingRewriter(node.Rewriter, node.Signer, node.Directory, node.Limits, node.Hostname),
        Admission = node.Admission,
        Reports = node.Reports,
        Trace = node.Trace,
        Readers = readers,
        Loggers = node.Loggers,
    };
}

using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Actors.Submission;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Collections;

/// <summary>Starts the actors of calendars, address books and files.</summary>
public static class CollectionActorRegistration
{
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="node">Their dependencies.</param>
    /// <param name="regions">Starts their region.</param>
    /// <param name="carrier">Creates the actor that delivers a scheduling message to its recipient.</param>
    internal static AkkaConfigurationBuilder AddCollections(
        this AkkaConfigurationBuilder builder, ICollectionNode node, AccountRegions regions, Func<AccountId, SchedulingMessage, CollectionServices, Props> carrier) =>
        builder.WithActors((system, registry) =>
        {
            var push = node.Push is { } sender ? system.ActorOf(PushActor.Props(sender, node.Limits, node.Time, node.Loggers.CreateLogger<PushActor>()), "push") : null;
            var services = ServicesOf(node, push, system, carrier);
            registry.Register<CollectionsActor>(regions.Region(
                system, "collections", CollectionsActor.Region(services), (home, account) => CollectionsActor.Props(account, services with { Home = home }), CollectionProtocol.Refusal));
        });

    /// <summary>Access to the calendars, address books and files of all accounts, for administration.</summary>
    public static CollectionClient Collections(this IReadOnlyActorRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new CollectionClient(() => registry.Get<CollectionsActor>());
    }

    /// <summary>Access to the calendars, address books and files of all accounts, for DAV.</summary>
    public static ICollections DavCollections(this IReadOnlyActorRegistry registry, ActorSystem system, Limits limits) =>
        new MixedVersionCollections(registry.Collections(), () => ClusterNames.HasOlderNodes(system), limits);

    private static CollectionServices ServicesOf(ICollectionNode node, IActorRef? push, ActorSystem system, Func<AccountId, SchedulingMessage, CollectionServices, Props> carrier) => new()
    {
        MaildirDirectory = node.MaildirDirectory,
        Hostname = node.Hostname,
        Directory = node.Directory,
        Stores = node.Stores,
        OpenStores = node.OpenStores,
        Spool = node.Spool,
        Router = system.ActorSelection(DeliveryProtocol.Entrance),
        Region = system.ActorSelection("/user/collections"),
        Carrier = carrier,
        Limits = node.Limits,
        Problems = node.Problems,
        Time = node.Time,
        Push = push,
        Loggers = node.Loggers,
    };
}

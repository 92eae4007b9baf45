using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Collections;

/// <summary>Puts the calendars, address books and files into the actor system.</summary>
public static class CollectionsStart
{
    /// <param name="builder">Of the actor system.</param>
    /// <param name="node">Where they live.</param>
    /// <param name="regions">Where the actors of accounts live.</param>
    /// <param name="carrier">Makes the actor that carries a scheduling message to its recipient.</param>
    internal static AkkaConfigurationBuilder AddCollections(
        this AkkaConfigurationBuilder builder, ICollectionNode node, AccountRegions regions, Func<AccountId, SchedulingMessage, CollectionServices, Props> carrier) =>
        builder.WithActors((system, registry) =>
        {
            var push = node.Push is { } sender ? system.ActorOf(PushActor.Props(sender, node.Limits, node.Time, node.Loggers.CreateLogger<PushActor>()), "push") : null;
            var services = ServicesOf(node, push, system, carrier);
            registry.Register<CollectionsActor>(regions.Region(
                system, "collections", CollectionsActor.Region(services), (home, account) => CollectionsActor.Props(account, services with { Home = home })));
        });

    /// <summary>The calendars, address books and files of this node's accounts, for HTTP.</summary>
    public static CollectionClient Collections(this IReadOnlyActorRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new CollectionClient(() => registry.Get<CollectionsActor>());
    }

    private static CollectionServices ServicesOf(ICollectionNode node, IActorRef? push, ActorSystem system, Func<AccountId, SchedulingMessage, CollectionServices, Props> carrier) => new()
    {
        MaildirDirectory = node.MaildirDirectory,
        Hostname = node.Hostname,
        Directory = node.Directory,
        Stores = node.Stores,
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

using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Delivery;
using MailServer.Actors.Mailboxes;

namespace MailServer.Actors.Sessions;

/// <summary>Starts the session registry, to which listeners pass their connections; it starts last.</summary>
internal static class SessionActorRegistration
{
    public static AkkaConfigurationBuilder AddSessions(this AkkaConfigurationBuilder builder, ISessionNode node) => builder.WithActors((system, registry) =>
        registry.Register<SessionRegistryActor>(system.ActorOf(
            SessionRegistryActor.Props(ServicesOf(node, registry.Get<MailboxActor>(), registry.Get<DeliveryRouterActor>())), "sessions")));

    private static SessionServices ServicesOf(ISessionNode node, IActorRef mailboxes, IActorRef router) => new()
    {
        Hostname = node.Hostname,
        ServerId = node.ServerId,
        DisabledImapCapabilities = node.DisabledImapCapabilities,
        RequireTls = node.RequireTls,
        Limits = node.Limits,
        Time = node.Time,
        Directory = node.Directory,
        Authenticator = node.Authenticator,
        Addresses = new AddressPolicy(node.Directory, node.Limits, node.Hostname, node.Rewriter),
        Quotas = new QuotaGate(node.Directory, mailboxes),
        Admission = node.Admission,
        Spool = node.Spool,
        Audit = node.Audit,
        Mailboxes = mailboxes,
        Router = router,
        Loggers = node.Loggers,
    };
}

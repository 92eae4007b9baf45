using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Cluster;

namespace MailServer.Actors.Certificates;

/// <summary>Registers the certificate actor: on this node, or as a cluster singleton.</summary>
public static class CertificateActorRegistration
{
    public static AkkaConfigurationBuilder AddCertificates(this AkkaConfigurationBuilder builder, CertificateServices services, ClusterServices? cluster)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithActors((system, registry) => registry.Register<CertificateActor>(
            cluster is null ? system.ActorOf(CertificateActor.Props(services), CertificateProxyActor.Name) : OneForAll(system, services)));
    }

    private static IActorRef OneForAll(ActorSystem system, CertificateServices services)
    {
        var owner = ClusterSingletons.Start(system, CertificateProxyActor.Name, CertificateActor.Props(services with { OnIssued = name => TellAll(system, name) }), services.Loggers);
        var door = system.ActorOf(CertificateProxyActor.Props(services, owner), CertificateProxyActor.Name);
        services.Challenges?.Connect(system, door);
        return door;
    }

    private static void TellAll(ActorSystem system, string name)
    {
        foreach (var (_, node) in ClusterPeers.Of(system, CertificateProxyActor.Name, ActorRefs.Nobody)) node.Tell(new CertificateProtocol.CertificateIssued(name), ActorRefs.NoSender);
    }
}
